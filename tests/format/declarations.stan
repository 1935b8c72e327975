real x; // from there
