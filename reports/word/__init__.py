"""Papers as Word documents in the layout of GB/T 9704 (党政机关公文格式)."""
