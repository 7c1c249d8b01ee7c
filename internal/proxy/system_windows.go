package proxy

import (
	"net/url"
	"unsafe"

	"golang.org/x/sys/windows"
)

// userConfig is WINHTTP_CURRENT_USER_IE_PROXY_CONFIG (winhttp.h).
type userConfig struct {
	autoDetect                 int32
	script, proxies, exception *uint16
}

// scriptOptions is WINHTTP_AUTOPROXY_OPTIONS.
type scriptOptions struct {
	flags, detectFlags uint32
	script             *uint16
	reserved           uintptr
	reservedToo        uint32
	logOn              int32 // authenticate to the script's server as the user
}

// proxyInfo is WINHTTP_PROXY_INFO.
type proxyInfo struct {
	access             uint32
	proxies, exception *uint16
}

// Constants of winhttp.h.
const (
	accessNoProxy    = 1 // WINHTTP_ACCESS_TYPE_NO_PROXY
	accessNamedProxy = 3 // WINHTTP_ACCESS_TYPE_NAMED_PROXY
	byScript         = 2 // WINHTTP_AUTOPROXY_CONFIG_URL
)

// System returns the proxy for an address in the user's settings, or nil. If they name a script (PAC), WinHTTP runs
// it. If that fails, the configured proxy is used, as by Windows's own programs. Automatic discovery in the network
// (WPAD) is not supported: without a result, every first request would be delayed for seconds.
func System(to *url.URL) *url.URL {
	winhttp := windows.NewLazySystemDLL("winhttp.dll")
	if winhttp.Load() != nil {
		return nil
	}
	var set userConfig
	if done, _, _ := winhttp.NewProc("WinHttpGetIEProxyConfigForCurrentUser").
		Call(uintptr(unsafe.Pointer(&set))); done == 0 {
		return nil
	}
	defer free(set.script, set.proxies, set.exception)
	if set.script != nil && *set.script != 0 {
		if proxy, answered := ask(winhttp, set.script, to); answered {
			return proxy
		}
	}
	return choose(windows.UTF16PtrToString(set.proxies), windows.UTF16PtrToString(set.exception), to)
}

// ask makes WinHTTP run the script. It returns false if there is no answer.
func ask(winhttp *windows.LazyDLL, script *uint16, to *url.URL) (*url.URL, bool) {
	agent, err := windows.UTF16PtrFromString("Wardlight")
	if err != nil {
		return nil, false
	}

	address, err := windows.UTF16PtrFromString(to.String())
	if err != nil {
		return nil, false
	}

	session, _, _ := winhttp.NewProc("WinHttpOpen").Call(uintptr(unsafe.Pointer(agent)), accessNoProxy, 0, 0, 0)
	if session == 0 {
		return nil, false
	}
	defer func() { _, _, _ = winhttp.NewProc("WinHttpCloseHandle").Call(session) }()
	options, info := scriptOptions{flags: byScript, script: script, logOn: 1}, proxyInfo{}
	done, _, _ := winhttp.NewProc("WinHttpGetProxyForUrl").Call(
		session, uintptr(unsafe.Pointer(address)), uintptr(unsafe.Pointer(&options)), uintptr(unsafe.Pointer(&info)))
	if done == 0 {
		return nil, false
	}
	defer free(info.proxies, info.exception)
	if info.access != accessNamedProxy {
		return nil, true
	}

	return choose(windows.UTF16PtrToString(info.proxies), windows.UTF16PtrToString(info.exception), to), true
}

// free frees the memory that WinHTTP allocated.
func free(all ...*uint16) {
	globalFree := windows.NewLazySystemDLL("kernel32.dll").NewProc("GlobalFree")
	for _, p := range all {
		if p != nil {
			_, _, _ = globalFree.Call(uintptr(unsafe.Pointer(p)))
		}
	}
}
