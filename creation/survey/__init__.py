"""Satisfaction survey (满意度测评): a page without login behind a QR code, one answer a code, and results without names."""
