"""PDF: pages that say no more than where words stand, and the form that is seen in that."""
