"""The page on which annotators answer: a server for this machine alone.

``app`` answers the browser, ``security`` decides whom, ``pictures`` scales images, ``layout``
groups the keypoints and gives them keys, ``serve`` runs it all. ``static`` holds the page itself,
plain HTML, CSS and JavaScript. Starlette and uvicorn come with the extra ``ask``.
"""
