/* A library that lies beside a module. */
__declspec(dllexport) int beside(void) { return 1; }
