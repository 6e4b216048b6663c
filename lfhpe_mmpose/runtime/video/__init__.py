"""Prediction in videos: frames, tracks, smoothing and the drawn clip; without PyTorch."""
