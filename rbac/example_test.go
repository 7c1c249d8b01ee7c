package rbac_test

import (
	"fmt"
	"strings"

	"wardlight/rbac"
)

// What a role may do, and what it lacks. The hub decides again by the same rules.
func ExampleDecide() {
	nurse := rbac.RoleProfile{JobName: "Nurse Access Role", Activities: []rbac.ActivityCode{rbac.Trace, rbac.ViewAlert}}
	clerk := rbac.RoleProfile{JobName: "Clerk Access Role", Activities: []rbac.ActivityCode{rbac.Trace}}

	for _, role := range []rbac.RoleProfile{nurse, clerk} {
		d := rbac.Decide(role, rbac.SeeLamp)
		fmt.Println(role.JobName, d.Allowed, d.Missing)
	}
	reason, _, _ := strings.Cut(rbac.Decide(clerk, rbac.SeeLamp).Reason(), ". ")
	fmt.Println(reason)
	// Output:
	// Nurse Access Role true []
	// Clerk Access Role false [B0107]
	// To see whether there is an alert this role lacks B0107 (View Child Protection Plan)
}

// The role decides whether an opening is recorded and notifies the local authority: not the program, and not a click.
func ExampleOpeningOf() {
	frontDoor := rbac.RoleProfile{Activities: []rbac.ActivityCode{rbac.Trace, rbac.ViewAlert}}
	surgery := rbac.RoleProfile{Activities: []rbac.ActivityCode{rbac.Trace, rbac.ViewAlertSilently}}

	fmt.Println(rbac.OpeningOf(frontDoor), rbac.Unscheduled(frontDoor))
	fmt.Println(rbac.OpeningOf(surgery), rbac.Unscheduled(surgery))
	// Output:
	// open an alert true
	// open an alert in scheduled care false
}
