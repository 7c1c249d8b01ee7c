package doctor

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"wardlight/client"
	"wardlight/internal/certerror"
	"wardlight/internal/text"
	"wardlight/rbac"
)

func (j *resultBuilder) address() {
	h, p := j.Hub, j.Hub.Probed
	var name *net.DNSError
	switch {
	case h.Settings != nil:
		j.fail(Address, FailureSettings, hubSettingsWrong, sentence(text.WithoutCredentials(clean(h.Settings.Error()))))
	case h.NotSet:
		j.fail(Address, FailureSettings, hubNotSet, "")
	case h.Probing && !h.HasProbe:
		j.set(Address, NotReached, hubBeingAsked, "")
	case !h.HasProbe:
		j.set(Address, NotReached, hubNotAsked, "")

	// The proxy resolves the hub's name, so the unknown name is the proxy's.
	case errors.As(p.Err, &name) && !hubIs(p.Err, client.TimedOut, client.Cancelled) && p.Proxy != "":
		j.fail(Address, FailureHub, hubNameUnknown,
			fmt.Sprintf("The name %s, of the proxy, is not known to this network.", clean(hostOf(p.Proxy))))
		j.lines[Address].Advice = proxyAdvice
	case errors.As(p.Err, &name) && !hubIs(p.Err, client.TimedOut, client.Cancelled):
		j.fail(Address, FailureHub, hubNameUnknown, fmt.Sprintf("The name %s is not known to this network.",
			clean(p.Host)))
	case p.ProxyUnreachable && hubIs(p.Err, client.Unreachable):
		j.setError(Address, FailureHub, p.Err)
		l := &j.lines[Address]
		l.Sentence, l.Advice = "The proxy "+clean(p.Proxy)+" cannot be reached, and the hub only through it.",
			proxyAdvice
	case p.ConnectionLost:
		j.setError(Address, FailureHub, p.Err)
		l := &j.lines[Address]
		l.Sentence = "The connection in use did not answer, and was given up: " + clean(p.Address) + through(p) +
			". New ones work."
		l.Advice = "Try again what failed."

	// TLS errors belong to the next line.
	case p.Err == nil, p.Connected && !p.HandshakeDone && !p.Plaintext, hubIs(p.Err, client.ClientCertificateRequired):
		j.set(Address, Pass, hubAnswers, clean(p.Address)+" answers"+through(p)+"."+fixed(h.FinalSource))
	default:
		j.setError(Address, FailureHub, p.Err)
		l := &j.lines[Address]
		l.Sentence = strings.TrimSuffix(l.Sentence, ".") + ": " + clean(p.Address) + through(p) + "."
		switch {
		case p.Proxy != "" && !p.Connected:
			l.Advice = proxyAdvice
		case !p.Connected:
			l.Advice = table[hubNameUnknown].Advice
		}
	}
}

// proxyAdvice is the advice if the proxy is at fault.
const proxyAdvice = "Check the network cable or the VPN, then the proxy in HTTPS_PROXY or in the settings of " +
	"Windows; tell support the code."

// hostOf returns the host of an address, without the port.
func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}

// fixed returns a sentence that the hub's address can't be changed on this computer, with the source; "" if where is
// "".
func fixed(where string) string {
	if where == "" {
		return ""
	}
	return " The address is final on this computer (" + clean(where) + ")."
}

// through returns a phrase that names the proxy; "" if there is none.
func through(p client.ProbeResult) string {
	if p.Proxy == "" {
		return ""
	}
	return ", through the proxy " + clean(p.Proxy)
}

// sentence returns s with a capital letter and a full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}

// hubExpiryWarning is how long before its expiry the hub's certificate causes a warning.
const hubExpiryWarning = 14 * 24 * time.Hour

func (j *resultBuilder) tls() {
	p := j.Hub.Probed
	switch {
	case !j.Hub.HasProbe || !p.Connected:
		j.skip(TLS, tlsNotReached, Address)
	case p.Plaintext:
		j.set(TLS, Warning, tlsNone, "")
	case !p.HandshakeDone, hubIs(p.Err, client.ClientCertificateRequired):
		j.setError(TLS, FailureHub, p.Err)
		if why, cure := j.untrusted(p); why != "" {
			j.lines[TLS].Sentence, j.lines[TLS].Advice = why, cure
		}
	case p.Certificate == nil:
		j.set(TLS, Pass, tlsGood, p.TLS+".")
	case p.Certificate.NotAfter.Sub(j.At) < hubExpiryWarning:
		j.set(TLS, Warning, tlsEndsSoon, fmt.Sprintf("%s, trusted, but the hub's certificate ends %s.", p.TLS,
			j.day(p.Certificate.NotAfter)))
	default:
		j.set(TLS, Pass, tlsGood, fmt.Sprintf("%s, trusted; the hub's certificate ends %s.", p.TLS,
			j.day(p.Certificate.NotAfter)))
	}
}

// untrusted returns what is wrong with the hub's certificate, and what to do. Both are "" if nothing is wrong.
func (j *resultBuilder) untrusted(p client.ProbeResult) (why, cure string) {
	var (
		chain x509.UnknownAuthorityError
		other *certerror.Error
		host  x509.HostnameError
		dates x509.CertificateInvalidError
		talk  tls.RecordHeaderError
	)

	const stop = "Do not go on. "
	switch {
	case errors.As(p.Err, &chain) && errors.As(certerror.Nameless(p.Err), &other) &&
		other.Reason == certerror.UnknownCA:
		issuer := ""
		if p.Certificate != nil {
			issuer = " (issued by " + orNotKnown(clean(nameOf(p.Certificate))) + ")"
		}
		return "The hub's certificate is of an authority that is not trusted here" + issuer + ".",
			stop + "Ask support to check hub.ca_file."
	case errors.As(p.Err, &host):
		return "The hub's certificate is not for the name " + clean(p.Host) + ".",
			stop + "Ask support to check hub.url."
	case errors.As(p.Err, &dates) && dates.Reason == x509.Expired && p.Certificate != nil:
		said := "The hub's certificate ended on " + j.day(p.Certificate.NotAfter) + "."
		if j.At.Before(p.Certificate.NotBefore) {
			said = "The hub's certificate is valid only from " + j.day(p.Certificate.NotBefore) + "."
		}
		return said, "Check this computer's date first; then tell those who run the hub."
	case errors.As(p.Err, &talk):
		return "What answers at the hub's address does not speak TLS.", stop + "Ask support to check hub.url."
	}

	if errors.As(certerror.Nameless(p.Err), &other) {
		return "The hub's certificate is not accepted: " + other.Words(j.At.Location()) + ".",
			stop + "Tell those who run the hub."
	}

	return "", ""
}

// nameOf returns the name of a certificate's issuer.
func nameOf(c *x509.Certificate) string {
	if c.Issuer.CommonName != "" {
		return c.Issuer.CommonName
	}
	return c.Issuer.String()
}

// Limits for the difference between two clocks: for a warning, and for the hub's refusal (docs/api.md, Sign-in).
const (
	skewWarns = 30 * time.Second
	skewFails = 120 * time.Second
)

func (j *resultBuilder) clock() {
	p := j.Hub.Probed
	switch by := p.Skew.Abs(); {
	case !j.Hub.HasProbe || !p.Answered:
		j.skip(Clock, clockNotReached, ground(j.lines[TLS].State == Fail))
	case !p.HasDate:
		j.set(Clock, Warning, clockUnknown, "")
	case by > skewFails:
		j.setError(Clock, FailureSignIn, &client.Error{Kind: client.ClockWrong, Detail: "This computer's clock is " +
			apart(p.Skew) + "."})
	case by > skewWarns:
		j.set(Clock, Warning, clockOff, "This computer's clock is "+apart(p.Skew)+".")
	default:
		j.set(Clock, Pass, clockAgrees, "It agrees with the hub's to "+span(by)+".")
	}
}

// apart describes the error of this computer's clock: "10 min slow".
func apart(skew time.Duration) string {
	if skew < 0 {
		return span(-skew) + " slow"
	}
	return span(skew) + " fast"
}

// span returns a duration in a suitable unit, rounded down.
func span(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// ground returns the failed check because of which the hub's time is unknown.
func ground(untrusted bool) Check {
	if untrusted {
		return TLS
	}
	return Address
}

func (j *resultBuilder) signIn() {
	s := j.SignIn
	switch {
	case s.Done && s.Err != nil:
		j.setError(SignIn, familyOf(s.Err), s.Err)
		j.lines[SignIn].Sentence += j.ofWhat()
	case s.Lasts:
		j.set(SignIn, Pass, signInWorks, fmt.Sprintf("UUID %s is signed in.", orNotKnown(clean(s.In.Person.UUID))))
	case s.Done:
		j.set(SignIn, Pass, signInWorks, fmt.Sprintf("UUID %s signed in and out again.",
			orNotKnown(clean(s.In.Person.UUID))))
	default:
		for c := Service; c < SignIn; c++ {
			if j.lines[c].State == Fail {
				j.skip(SignIn, signInNotReached, c)
				return
			}
		}
		j.set(SignIn, NotReached, signInNotAsked, "")
	}
}

// ofWhat returns a sentence that identifies the certificate for the hub's operator, if the hub rejected it.
func (j *resultBuilder) ofWhat() string {
	var hub *client.Error
	seen := j.Card.Seen
	if !errors.As(j.SignIn.Err, &hub) || !hubIs(hub, client.CertificateUntrusted, client.UnknownPerson) ||
		seen.SHA256() == "" {
		return ""
	}
	return fmt.Sprintf(" The certificate on the card: SHA-256 %s, serial %s, issuer %s.", seen.SHA256(),
		seen.CertificateSerial, seen.IssuerName)
}

// familyOf returns the family of a failed sign-in.
func familyOf(err error) FailureKind {
	var hub *client.Error
	switch {
	case !errors.As(err, &hub):
		return FailureCard
	case hubIs(hub, client.Unexpected, client.Unreachable, client.Untrusted, client.TimedOut, client.Cancelled,
		client.Malformed, client.Busy, client.Failing, client.Intercepted, client.ClientCertificateRequired):
		return FailureHub
	}
	return FailureSignIn
}

func (j *resultBuilder) roles() {
	s := j.SignIn
	switch {
	case !s.Done && !j.lines[SignIn].Blocked:
		j.set(Roles, NotReached, rolesNotReached, "")
	case !s.Done, s.Err != nil:
		j.skip(Roles, rolesNotReached, SignIn)
	case len(s.In.Usable) > 0:
		r := s.In.Usable[0]
		j.set(Roles, Pass, rolesGood, fmt.Sprintf("%d of %s can find a patient, see the lamp and open: %s at %s, "+
			"URID %s.",
			len(s.In.Usable), counted(len(s.In.Roles), "role"), clean(r.JobName), clean(r.OrgName), clean(r.URID)))
	case len(s.In.Roles) == 0:
		j.setError(Roles, FailureSignIn, &client.Error{
			Kind:   client.NotAllowed,
			Detail: "This smartcard carries no role.",
		})
	default:
		j.setError(Roles, FailureSignIn, &client.Error{Kind: client.NotAllowed, Detail: lacking(s.In.Roles)})
	}
}

// lacking lists the activity codes that each role lacks.
func lacking(roles []rbac.RoleProfile) string {
	each := make([]string, len(roles))
	for i, r := range roles {
		var codes []string
		for _, c := range rbac.MissingCodes(r, rbac.MainActions(r)...) {
			codes = append(codes, fmt.Sprintf("%s (%s)", c, c.Name()))
		}
		each[i] = fmt.Sprintf("%s (URID %s) lacks %s", clean(r.JobName), clean(r.URID), strings.Join(codes, " and "))
	}
	return strings.Join(each, "; ") + "."
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
