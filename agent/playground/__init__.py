"""`magenta playground`: a page on which to try what the model says about any page or screenshot."""
