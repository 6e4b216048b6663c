"""Metrics of a Runner's evaluator, beside MMPose's own.

To add a metric, subclass ``mmengine.evaluator.BaseMetric``, register it in
``mmpose.registry.METRICS`` and import it here.
"""

from .head_pck_metric import HeadPCKMetric
from .keypoint_category_metric import KeypointCategoryMetric
from .keypoint_error_metric import KeypointErrorMetric

__all__ = ['HeadPCKMetric', 'KeypointCategoryMetric', 'KeypointErrorMetric']
