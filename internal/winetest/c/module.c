/* A PKCS#11 module for Windows with one token, whose RSA key of 2048 bits and certificate are in key.h. It behaves as
 * MODULE_MODE says. It needs beside.dll, which lies in its own folder. */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkcs11go.h"
#include "key.h" /* modulus, private_exponent, certificate, passcode */

__declspec(dllimport) int beside(void);

enum { LIMBS = 64, CERTIFICATE = 1, PRIVATE_KEY = 2, PUBLIC_KEY = 3 };

static CK_FUNCTION_LIST list;
static int logged_in, left = 3;
static CK_ULONG found[3], found_count, found_next;

static int mode(const char *name)
{
	const char *m = getenv("MODULE_MODE");
	return m && strcmp(m, name) == 0;
}

static void misbehave(const char *where)
{
	char name[64];
	snprintf(name, sizeof name, "hang%s", where);
	if (mode(name)) Sleep(INFINITE);
	snprintf(name, sizeof name, "crash%s", where);
	if (mode(name)) *(volatile int *)0 = 1;
	snprintf(name, sizeof name, "abort%s", where);
	if (mode(name)) abort();
}

BOOL WINAPI DllMain(HINSTANCE self, DWORD why, LPVOID reserved)
{
	(void)self, (void)reserved;
	if (why == DLL_PROCESS_ATTACH) misbehave(" at load");
	return TRUE;
}

static void pad(unsigned char *to, const char *text, size_t n)
{
	memset(to, ' ', n);
	memcpy(to, text, strlen(text));
}

static CK_RV initialize(CK_VOID_PTR args)
{
	(void)args;
	misbehave("");
	if (mode("chatter")) {
		char c;
		DWORD n;
		printf("hello from the vendor\n");
		fflush(stdout);
		WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), "hello", 5, &n, NULL);
		if (fread(&c, 1, 1, stdin) > 0) abort();
	}
	return beside() ? CKR_OK : CKR_GENERAL_ERROR;
}

static CK_RV finalize(CK_VOID_PTR reserved)
{
	(void)reserved;
	misbehave(" at end");
	return CKR_OK;
}

static CK_RV get_info(CK_INFO_PTR info)
{
	memset(info, 0, sizeof *info);
	info->cryptokiVersion.major = 2, info->cryptokiVersion.minor = 40;
	pad(info->manufacturerID, "Wardlight", 32);
	pad(info->libraryDescription, "A module for tests", 32);
	info->libraryVersion.major = 1, info->libraryVersion.minor = 2;
	return CKR_OK;
}

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID_PTR to, CK_ULONG_PTR n)
{
	(void)present;
	if (to && *n < 1) return CKR_BUFFER_TOO_SMALL;
	if (to) to[0] = 7;
	*n = 1;
	return CKR_OK;
}

static CK_RV get_slot_info(CK_SLOT_ID slot, CK_SLOT_INFO_PTR info)
{
	if (slot != 7) return CKR_SLOT_ID_INVALID;
	memset(info, 0, sizeof *info);
	pad(info->slotDescription, "Reader", 64);
	pad(info->manufacturerID, "Wardlight", 32);
	info->flags = CKF_TOKEN_PRESENT | CKF_REMOVABLE_DEVICE;
	return CKR_OK;
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info)
{
	if (slot != 7) return CKR_SLOT_ID_INVALID;
	memset(info, 0, sizeof *info);
	pad(info->label, "nurse", 32);
	pad(info->manufacturerID, "Wardlight", 32);
	pad(info->model, "test token", 16);
	pad(info->serialNumber, "4711", 16);
	info->flags = CKF_TOKEN_INITIALIZED | CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED;
	if (left == 1) info->flags |= CKF_USER_PIN_FINAL_TRY;
	if (left == 2) info->flags |= CKF_USER_PIN_COUNT_LOW;
	info->ulMinPinLen = 4, info->ulMaxPinLen = 8;
	return CKR_OK;
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify, CK_SESSION_HANDLE_PTR session)
{
	(void)flags, (void)application, (void)notify;
	if (slot != 7) return CKR_SLOT_ID_INVALID;
	*session = 11;
	return CKR_OK;
}

static CK_RV close_session(CK_SESSION_HANDLE session)
{
	(void)session;
	return CKR_OK;
}

/* value returns an attribute of an object. A number has the four bytes of an unsigned long on Windows. */
static const void *value(CK_ULONG object, CK_ATTRIBUTE_TYPE type, CK_ULONG *n)
{
	static const CK_ULONG classes[] = {0, CKO_CERTIFICATE, CKO_PRIVATE_KEY, CKO_PUBLIC_KEY}, x509 = CKC_X_509;
	static const CK_BBOOL no = CK_FALSE;
	static const unsigned char id[] = {0xa1};
	switch (type) {
	case CKA_CLASS: *n = sizeof classes[0]; return &classes[object];
	case CKA_ID: *n = sizeof id; return id;
	case CKA_LABEL: *n = 7; return "sign-in";
	case CKA_CERTIFICATE_TYPE: *n = sizeof x509; return object == CERTIFICATE ? &x509 : NULL;
	case CKA_VALUE: *n = sizeof certificate; return object == CERTIFICATE ? certificate : NULL;
	case CKA_ALWAYS_AUTHENTICATE: *n = sizeof no; return object == PRIVATE_KEY ? &no : NULL;
	}
	return NULL;
}

static CK_RV find_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR template, CK_ULONG count)
{
	(void)session;
	found_count = found_next = 0;
	for (CK_ULONG object = CERTIFICATE; object <= PUBLIC_KEY; object++) {
		int fits = object != PRIVATE_KEY || logged_in;
		for (CK_ULONG i = 0; i < count; i++) {
			CK_ULONG n = 0;
			const void *v = value(object, template[i].type, &n);
			fits = fits && v && n == template[i].ulValueLen && memcmp(v, template[i].pValue, n) == 0;
		}
		if (fits) found[found_count++] = object;
	}
	return CKR_OK;
}

static CK_RV find(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE_PTR to, CK_ULONG most, CK_ULONG_PTR n)
{
	(void)session;
	for (*n = 0; *n < most && found_next < found_count;) to[(*n)++] = found[found_next++];
	return CKR_OK;
}

static CK_RV find_final(CK_SESSION_HANDLE session)
{
	(void)session;
	return CKR_OK;
}

static CK_RV get_attributes(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR a, CK_ULONG count)
{
	(void)session;
	for (CK_ULONG i = 0; i < count; i++) {
		CK_ULONG n = 0;
		const void *v = value(object, a[i].type, &n);
		if (!v) return CKR_ATTRIBUTE_TYPE_INVALID;
		if (a[i].pValue && a[i].ulValueLen < n) return CKR_BUFFER_TOO_SMALL;
		if (a[i].pValue) memcpy(a[i].pValue, v, n);
		a[i].ulValueLen = n;
	}
	return CKR_OK;
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG n)
{
	(void)session, (void)user;
	if (left == 0) return CKR_PIN_LOCKED;
	if (n != strlen(passcode) || memcmp(pin, passcode, n) != 0) return --left ? CKR_PIN_INCORRECT : CKR_PIN_LOCKED;
	logged_in = 1, left = 3;
	return CKR_OK;
}

static CK_RV logout(CK_SESSION_HANDLE session)
{
	(void)session;
	logged_in = 0;
	return CKR_OK;
}

static CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key)
{
	(void)session;
	if (!logged_in) return CKR_USER_NOT_LOGGED_IN;
	if (key != PRIVATE_KEY) return CKR_KEY_HANDLE_INVALID;
	return mechanism->mechanism == CKM_RSA_PKCS ? CKR_OK : CKR_MECHANISM_INVALID;
}

/* reduce takes the modulus m off r once, where r, with its carry, is not less. All numbers have LIMBS words, the lowest first. */
static void reduce(unsigned *r, unsigned long long carry, const unsigned *m)
{
	int i = LIMBS - 1;
	while (!carry && i >= 0 && r[i] == m[i]) i--;
	if (!carry && i >= 0 && r[i] < m[i]) return;
	long long borrow = 0;
	for (i = 0; i < LIMBS; i++) {
		borrow += (long long)r[i] - m[i];
		r[i] = (unsigned)borrow;
		borrow >>= 32;
	}
}

static void multiply(unsigned *to, const unsigned *a, const unsigned *b, const unsigned *m)
{
	unsigned r[LIMBS] = {0};
	for (int bit = LIMBS * 32 - 1; bit >= 0; bit--) {
		unsigned long long carry = 0;
		for (int i = 0; i < LIMBS; i++) {
			carry += (unsigned long long)r[i] * 2;
			r[i] = (unsigned)carry;
			carry >>= 32;
		}
		reduce(r, carry, m);
		if (!(b[bit / 32] >> bit % 32 & 1)) continue;
		carry = 0;
		for (int i = 0; i < LIMBS; i++) {
			carry += (unsigned long long)r[i] + a[i];
			r[i] = (unsigned)carry;
			carry >>= 32;
		}
		reduce(r, carry, m);
	}
	memcpy(to, r, sizeof r);
}

static void words(unsigned *to, const unsigned char *bytes)
{
	for (int i = 0; i < LIMBS; i++) {
		const unsigned char *b = bytes + (LIMBS - 1 - i) * 4;
		to[i] = (unsigned)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
	}
}

static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG n, CK_BYTE_PTR to, CK_ULONG_PTR length)
{
	(void)session;
	if (!to) {
		*length = 256;
		return CKR_OK;
	}
	misbehave(" at sign");
	if (*length < 256) return CKR_BUFFER_TOO_SMALL;
	if (n > 245) return CKR_DATA_LEN_RANGE;
	unsigned char block[256];
	memset(block, 0xff, sizeof block); /* RFC 8017, section 9.2 */
	block[0] = 0, block[1] = 1, block[255 - n] = 0;
	memcpy(block + 256 - n, data, n);
	unsigned m[LIMBS], x[LIMBS], r[LIMBS] = {1};
	words(m, modulus);
	words(x, block);
	for (int bit = 0; bit < LIMBS * 32; bit++) {
		multiply(r, r, r, m);
		if (private_exponent[bit / 8] >> (7 - bit % 8) & 1) multiply(r, r, x, m);
	}
	for (int i = 0; i < 256; i++) to[i] = (unsigned char)(r[(255 - i) / 4] >> (255 - i) % 4 * 8);
	*length = 256;
	return CKR_OK;
}

__declspec(dllexport) CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR to)
{
	list.version.major = 2, list.version.minor = 40;
	list.C_Initialize = initialize;
	list.C_Finalize = finalize;
	list.C_GetInfo = get_info;
	list.C_GetFunctionList = C_GetFunctionList;
	list.C_GetSlotList = get_slot_list;
	list.C_GetSlotInfo = get_slot_info;
	list.C_GetTokenInfo = get_token_info;
	list.C_OpenSession = open_session;
	list.C_CloseSession = close_session;
	list.C_FindObjectsInit = find_init;
	list.C_FindObjects = find;
	list.C_FindObjectsFinal = find_final;
	list.C_GetAttributeValue = get_attributes;
	list.C_Login = login;
	list.C_Logout = logout;
	list.C_SignInit = sign_init;
	list.C_Sign = sign;
	*to = &list;
	return CKR_OK;
}
