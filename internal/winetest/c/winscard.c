/* A smartcard service with one reader, for tests alone: Wine's own is a stub. The card is in the test, which answers on
 * the port of this computer that WINSCARD_PORT names. A request is a letter, a length of two bytes (the higher first) and
 * so many bytes; an answer is a length and the bytes. P asks for the ATR, which is empty without a card, T transmits,
 * R resets. */
#define WIN32_LEAN_AND_MEAN
#include <winsock2.h>
#include <windows.h>
#include <stdlib.h>
#include <string.h>

#define API __declspec(dllexport) LONG WINAPI

enum {
	E_INVALID_PARAMETER = (LONG)0x80100004, E_TIMEOUT = (LONG)0x8010000A, E_NO_CARD = (LONG)0x8010000C, E_CANCELLED = (LONG)0x80100002,
	E_BUFFER = (LONG)0x80100008, E_UNKNOWN_READER = (LONG)0x80100009, E_NO_SERVICE = (LONG)0x8010001D, E_UNSUPPORTED = (LONG)0x8010001F,
	W_REMOVED = (LONG)0x80100069,
	STATE_CHANGED = 2, STATE_UNKNOWN = 4, STATE_EMPTY = 0x10, STATE_PRESENT = 0x20, T1 = 2, RESET = 1,
};

typedef struct {
	const WCHAR *name;
	void *user;
	DWORD current, seen, atr_length;
	BYTE atr[36];
} reader_state;

__declspec(dllexport) const DWORD g_rgSCardT0Pci[2] = {1, 8}, g_rgSCardT1Pci[2] = {2, 8};

/* Of letters that no code page of eight bits has all of. */
static const WCHAR reader[] = L"Leseger\u00e4t \u0416\u4e2d 0", pnp[] = L"\\\\?PnP?\\Notification";
static volatile LONG cancelled;
static CRITICAL_SECTION lock;
static SOCKET line = INVALID_SOCKET;

BOOL WINAPI DllMain(HINSTANCE self, DWORD why, LPVOID reserved)
{
	(void)self, (void)reserved;
	if (why == DLL_PROCESS_ATTACH) InitializeCriticalSection(&lock);
	return TRUE;
}

static int all(BYTE *to, int n)
{
	for (int got; n > 0; to += got, n -= got)
		if ((got = recv(line, (char *)to, n, 0)) <= 0) return 0;
	return 1;
}

static int dial(void)
{
	WSADATA data;
	struct sockaddr_in to = {.sin_family = AF_INET};
	const char *port = getenv("WINSCARD_PORT");
	if (line != INVALID_SOCKET) return 1;
	if (!port || WSAStartup(MAKEWORD(2, 2), &data)) return 0;
	to.sin_port = htons((u_short)atoi(port));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	line = socket(AF_INET, SOCK_STREAM, 0);
	return connect(line, (struct sockaddr *)&to, sizeof to) == 0;
}

/* ask returns how long the answer is; -1 where there is none. */
static int ask(char what, const BYTE *data, DWORD n, BYTE *to, DWORD room)
{
	BYTE request[4096], head[2];
	int length = -1;
	if (n > sizeof request - 3) return -1;
	request[0] = what, request[1] = (BYTE)(n >> 8), request[2] = (BYTE)n;
	if (n) memcpy(request + 3, data, n);
	EnterCriticalSection(&lock);
	if (dial() && send(line, (char *)request, n + 3, 0) == (int)n + 3 && all(head, 2)) {
		length = head[0] << 8 | head[1];
		if ((DWORD)length > room || !all(to, length)) length = -1;
	}
	LeaveCriticalSection(&lock);
	SecureZeroMemory(request, sizeof request);
	return length;
}

API SCardEstablishContext(DWORD scope, const void *a, const void *b, ULONG_PTR *to)
{
	BYTE atr[36];
	(void)scope, (void)a, (void)b;
	if (ask('P', NULL, 0, atr, sizeof atr) < 0) return E_NO_SERVICE;
	*to = 0xC0;
	return 0;
}

API SCardReleaseContext(ULONG_PTR context) { return context == 0xC0 ? 0 : E_INVALID_PARAMETER; }
API SCardIsValidContext(ULONG_PTR context) { return context == 0xC0 ? 0 : E_INVALID_PARAMETER; }

API SCardCancel(ULONG_PTR context)
{
	(void)context;
	InterlockedExchange(&cancelled, 1);
	return 0;
}

API SCardListReadersW(ULONG_PTR context, const WCHAR *groups, WCHAR *to, DWORD *n)
{
	DWORD need = sizeof reader / sizeof *reader + 1, room = *n;
	(void)context, (void)groups;
	*n = need;
	if (!to) return 0;
	if (room < need) return E_BUFFER;
	memcpy(to, reader, sizeof reader);
	to[need - 1] = 0;
	return 0;
}

API SCardListReaderGroupsW(ULONG_PTR context, WCHAR *to, DWORD *n)
{
	(void)context, (void)to, (void)n;
	return E_UNSUPPORTED;
}

API SCardGetStatusChangeW(ULONG_PTR context, DWORD timeout, reader_state *states, DWORD n)
{
	ULONGLONG began = GetTickCount64();
	(void)context;
	InterlockedExchange(&cancelled, 0);
	for (;;) {
		int changed = 0;
		BYTE atr[36];
		int length = ask('P', NULL, 0, atr, sizeof atr);
		if (length < 0) return E_NO_SERVICE;
		for (DWORD i = 0; i < n; i++) {
			DWORD now = length ? STATE_PRESENT : STATE_EMPTY;
			if (wcscmp(states[i].name, pnp) == 0) now = states[i].current;
			else if (wcscmp(states[i].name, reader) != 0) return E_UNKNOWN_READER;
			else {
				states[i].atr_length = length;
				memcpy(states[i].atr, atr, length);
			}
			states[i].seen = now;
			if (now != states[i].current) states[i].seen |= STATE_CHANGED, changed = 1;
		}
		if (changed) return 0;
		if (InterlockedExchange(&cancelled, 0)) return E_CANCELLED;
		if (GetTickCount64() - began >= timeout) return E_TIMEOUT;
		Sleep(20);
	}
}

API SCardConnectW(ULONG_PTR context, const WCHAR *name, DWORD share, DWORD protocols, ULONG_PTR *card, DWORD *active)
{
	BYTE atr[36];
	(void)context, (void)share;
	if (wcscmp(name, reader) != 0) return E_UNKNOWN_READER;
	if (ask('P', NULL, 0, atr, sizeof atr) <= 0) return E_NO_CARD;
	if (!(protocols & T1)) return E_INVALID_PARAMETER;
	*card = 0xCA, *active = T1;
	return 0;
}

static LONG end(DWORD disposition)
{
	BYTE none[1];
	if (disposition == RESET) ask('R', NULL, 0, none, sizeof none);
	return 0;
}

API SCardDisconnect(ULONG_PTR card, DWORD disposition) { (void)card; return end(disposition); }
API SCardBeginTransaction(ULONG_PTR card) { (void)card; return 0; }
API SCardEndTransaction(ULONG_PTR card, DWORD disposition) { (void)card; return end(disposition); }

API SCardReconnect(ULONG_PTR card, DWORD share, DWORD protocols, DWORD disposition, DWORD *active)
{
	(void)card, (void)share, (void)protocols;
	*active = T1;
	return end(disposition);
}

API SCardStatusW(ULONG_PTR card, WCHAR *name, DWORD *name_length, DWORD *state, DWORD *protocol, BYTE *atr, DWORD *atr_length)
{
	DWORD need = sizeof reader / sizeof *reader + 1;
	(void)card;
	if (*name_length < need || *atr_length < 33) return E_BUFFER;
	memcpy(name, reader, sizeof reader);
	name[need - 1] = 0;
	*name_length = need;
	int length = ask('P', NULL, 0, atr, *atr_length);
	if (length <= 0) return W_REMOVED;
	*atr_length = length, *state = 6, *protocol = T1; /* SCARD_SPECIFIC */
	return 0;
}

API SCardTransmit(ULONG_PTR card, const void *send_pci, const BYTE *command, DWORD n, void *receive_pci, BYTE *response, DWORD *length)
{
	(void)card, (void)receive_pci;
	if (send_pci != g_rgSCardT1Pci) return E_INVALID_PARAMETER;
	int got = ask('T', command, n, response, *length);
	if (got <= 0) return W_REMOVED;
	*length = got;
	return 0;
}

API SCardControl(ULONG_PTR card, DWORD code, const void *in, DWORD n, void *out, DWORD room, DWORD *length)
{
	(void)card, (void)code, (void)in, (void)n, (void)out, (void)room;
	*length = 0;
	return E_UNSUPPORTED;
}

API SCardGetAttrib(ULONG_PTR card, DWORD id, BYTE *to, DWORD *n) { (void)card, (void)id, (void)to, (void)n; return E_UNSUPPORTED; }
API SCardSetAttrib(ULONG_PTR card, DWORD id, const BYTE *from, DWORD n) { (void)card, (void)id, (void)from, (void)n; return E_UNSUPPORTED; }
