package keep

import "context"

// HubCredential returns the name of this device's own credential for the hub with the base URL: what the device, not
// a person, shows. It outlasts sign-ins and log-outs.
func HubCredential(hub string) string { return "hub-credential " + hub }

// RecordToken returns the name of the token for the site's record system with the base URL: one for each, so that no
// token is sent to another.
func RecordToken(base string) string { return "record-token " + base }

// signInName returns where the sign-in at the hub with the base URL is kept: one for each hub, so that no token meets
// another's.
func signInName(hub string) string { return "sign-in " + hub }

// SignIn reads the sign-in that is kept for the hub. Errors are those of Ring.Get.
func (r *Ring) SignIn(ctx context.Context, hub string) (SignIn, error) {
	b, err := r.Get(ctx, signInName(hub))
	if err != nil {
		return SignIn{}, err
	}
	defer clear(b)
	return parseSignIn(b)
}

// KeepSignIn stores the sign-in for the hub, in place of an earlier one. Errors are those of Ring.Set.
func (r *Ring) KeepSignIn(ctx context.Context, hub string, s SignIn) error {
	b, err := s.bytes()
	if err != nil {
		return &Error{Kind: Failed, Err: err}
	}
	defer clear(b)
	return r.Set(ctx, signInName(hub), b)
}

// ForgetSignIn removes the sign-in that is kept for the hub. Errors are those of Ring.Delete.
func (r *Ring) ForgetSignIn(ctx context.Context, hub string) error {
	return r.Delete(ctx, signInName(hub))
}
