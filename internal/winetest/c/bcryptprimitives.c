/* The one function that a Go program wants of bcryptprimitives.dll, which Wine 8 does not have. For tests alone. */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE to, SIZE_T n)
{
	return RtlGenRandom(to, (ULONG)n);
}
