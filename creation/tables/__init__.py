"""What lists show: one module an area. A table declares; the queryset that feeds it does every join."""
