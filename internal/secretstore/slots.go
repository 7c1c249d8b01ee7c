package secretstore

import "context"

// HubCredential returns the name of this device's credential for the hub with the base URL. It identifies the device,
// not a user, and is not removed by a log-out.
func HubCredential(hub string) string { return "hub-credential " + hub }

// RecordToken returns the name of the token for the record system with the base URL. Each base URL has its own, so
// that a token is never sent to another system.
func RecordToken(base string) string { return "record-token " + base }

// signInName returns the name of the saved sign-in at the hub with the base URL. Each hub has its own, so that a token
// is never sent to another hub.
func signInName(hub string) string { return "sign-in " + hub }

// SignIn returns the saved sign-in for the hub. Errors are those of Keyring.Get.
func (r *Keyring) SignIn(ctx context.Context, hub string) (SignIn, error) {
	b, err := r.Get(ctx, signInName(hub))
	if err != nil {
		return SignIn{}, err
	}
	defer clear(b)
	return parseSignIn(b)
}

// SaveSignIn saves the sign-in for the hub, replacing an earlier one. Errors are those of Keyring.Set.
func (r *Keyring) SaveSignIn(ctx context.Context, hub string, s SignIn) error {
	b, err := s.bytes()
	if err != nil {
		return &Error{Kind: Failed, Err: err}
	}
	defer clear(b)
	return r.Set(ctx, signInName(hub), b)
}

// DeleteSignIn removes the saved sign-in for the hub. Errors are those of Keyring.Delete.
func (r *Keyring) DeleteSignIn(ctx context.Context, hub string) error {
	return r.Delete(ctx, signInName(hub))
}
