/* A PKCS#11 module that passes everything on to a real one, and misbehaves as SHIM_MODE says. Each thing that it was asked
 * is a line in SHIM_LOG. What happens "once" happens to the first process that comes there. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long rv;
typedef struct {
	unsigned char version[2];
	void *f[68]; /* in the order of CK_FUNCTION_LIST (PKCS #11 v2.40) */
} list;

enum { INITIALIZE = 0, GET_TOKEN_INFO = 6, LOGIN = 18, LOGOUT = 19, SIGN_INIT = 42, SIGN = 43 };

static list *real, ours;

static int mode(const char *name) {
	const char *m = getenv("SHIM_MODE");
	return m && strcmp(m, name) == 0;
}

static void note(const char *what) {
	char line[64];
	int n = snprintf(line, sizeof line, "%s %d\n", what, (int)getpid());
	int fd = open(getenv("SHIM_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (fd >= 0) {
		if (write(fd, line, n) != n) abort();
		close(fd);
	}
}

/* once is true for the first process that asks. */
static int once(void) {
	char path[4096];
	snprintf(path, sizeof path, "%s.once", getenv("SHIM_LOG"));
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0) return 0;
	close(fd);
	return 1;
}

static void hang(void) {
	for (;;) pause();
}

static rv initialize(void *args) {
	note("start");
	if (mode("hang")) hang();
	if (mode("abort")) abort();
	if (mode("chatter")) {
		char c;
		printf("hello from the vendor\n");
		fflush(stdout);
		if (read(0, &c, 1) > 0) abort();
	}
	return ((rv(*)(void *))real->f[INITIALIZE])(args);
}

/* keypad is true where the reader has keys: the modes "keypad", "keypad cancel", "keypad locked". Then the passcode of the token
 * is what SHIM_TYPED says was typed on them, and none may be handed over. */
static int keypad(void) {
	const char *m = getenv("SHIM_MODE");
	return m && strncmp(m, "keypad", 6) == 0;
}

static rv token_info(unsigned long slot, unsigned char *info) {
	rv r = ((rv(*)(unsigned long, unsigned char *))real->f[GET_TOKEN_INFO])(slot, info);
	if (r == 0 && keypad()) *(unsigned long *)(info + 96) |= 0x100; /* CKF_PROTECTED_AUTHENTICATION_PATH */
	if (r == 0 && mode("last try")) *(unsigned long *)(info + 96) |= 0x20000; /* flags: CKF_USER_PIN_FINAL_TRY */
	return r;
}

static rv login(unsigned long session, unsigned long user, unsigned char *pin, unsigned long n) {
	if (keypad() && pin) {
		note("passcode");
		return 0x07; /* CKR_ARGUMENTS_BAD */
	}
	note("login");
	if (mode("keypad cancel")) return 0x50; /* CKR_FUNCTION_CANCELED */
	if (mode("keypad locked")) return 0xA4;
	if (keypad()) {
		pin = (unsigned char *)getenv("SHIM_TYPED");
		n = strlen((char *)pin);
	}
	if (mode("lose at login") && once()) return 0x05; /* CKR_GENERAL_ERROR */
	if (mode("pulled at login") && once()) return 0x32; /* CKR_DEVICE_REMOVED */
	if (mode("stale at login") && once()) return 0xB3; /* CKR_SESSION_HANDLE_INVALID */
	if (mode("locked")) return 0xA4; /* CKR_PIN_LOCKED */
	rv r = ((rv(*)(unsigned long, unsigned long, unsigned char *, unsigned long))real->f[LOGIN])(session, user, pin, n);
	if (mode("already") && r == 0) return 0x100; /* CKR_USER_ALREADY_LOGGED_IN */
	if (mode("wrong is a general error") && r == 0xA0) return 0x05; /* CKR_PIN_INCORRECT */
	return r;
}

static rv logout(unsigned long session) {
	note("logout");
	return ((rv(*)(unsigned long))real->f[LOGOUT])(session);
}

static rv sign_init(unsigned long session, unsigned long *mechanism, unsigned long key) {
	if (mode("no RSA over a digest") && *mechanism == 0x01) return 0x70; /* CKM_RSA_PKCS, CKR_MECHANISM_INVALID */
	return ((rv(*)(unsigned long, unsigned long *, unsigned long))real->f[SIGN_INIT])(session, mechanism, key);
}

static rv sign(unsigned long session, void *data, unsigned long n, void *to, unsigned long *m) {
	note("sign");
	if (mode("hang at sign") && once()) hang();
	if (mode("abort at sign") && once()) abort();
	if (mode("lose at sign") && once()) return 0x05;
	return ((rv(*)(unsigned long, void *, unsigned long, void *, unsigned long *))real->f[SIGN])(session, data, n, to, m);
}

rv C_GetFunctionList(list **out) {
	void *lib = dlopen(getenv("SHIM_REAL"), RTLD_NOW | RTLD_LOCAL);
	rv (*get)(list **) = lib ? (rv(*)(list **))dlsym(lib, "C_GetFunctionList") : 0;
	if (!get || get(&real) != 0) return 0x05;
	ours = *real;
	ours.f[INITIALIZE] = initialize;
	ours.f[GET_TOKEN_INFO] = token_info;
	ours.f[LOGIN] = login;
	ours.f[LOGOUT] = logout;
	ours.f[SIGN_INIT] = sign_init;
	ours.f[SIGN] = sign;
	*out = &ours;
	return 0;
}
