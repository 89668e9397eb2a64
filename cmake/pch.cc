// Carries the precompiled header that every room reuses; holds no code.
