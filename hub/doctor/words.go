package doctor

import "wardlight/internal/fault"

// word is the result of a check.
type word int

const (
	settingsGood word = iota
	settingsWrong
	clockGood
	clockAlone
	clockBehind
	clockUnknown
	clockNotReached
	filesGood
	filesUnreadable
	filesOpen
	filesOfOthers
	filesNotReached
	certificatesGood
	certificatesEndSoon
	certificatesEnded
	certificatesNone
	certificatesNotReached
	storeGood
	storeOlder
	storeFails
	storeUnsafe
	storeNotReached
	auditGood
	auditNotIts
	auditFails
	auditCut
	auditNotReached
	checkpointsGood
	checkpointsNone
	checkpointsFail
	checkpointsOld
	checkpointsNotReached
	authoritiesGood
	authoritiesNone
	authoritiesUnready
	authoritiesAway
	authoritiesResend
	authoritiesNotReached
	outboxGood
	outboxSlow
	outboxLost
	outboxAlertsSlow
	outboxAlertsLost
	outboxNotReached
	backupGood
	backupNotSet
	backupOld
	backupNone
	backupElsewhere
	backupNotReached
)

const (
	nothing = "Nothing to do."
	earlier = "Fix the failed check that this one depends on."
)

// table has the texts of all results. The first digit of a code is the check's. The second is 0 for passed, 9 for
// skipped, or another result.
var table = fault.Table[word]{
	settingsGood: fault.Row("The settings are in order.", nothing, "B00", ""),
	settingsWrong: fault.Row("The settings are wrong: the hub does not start.", "Correct the setting; "+
		"'wardlight-hub config' shows where each comes from.", "B01", ""),

	clockGood: fault.Row("The clock is synchronised.", nothing, "B10", ""),
	clockAlone: fault.Row("The clock is not synchronised.", "Set up a time service (chrony, "+
		"systemd-timesyncd): if the clock is two minutes off, sign-ins are refused.", "B11", ""),
	clockBehind: fault.Row("The clock is behind the newest record of the audit.", "Set the clock: some records "+
		"and sessions now have times in the future.", "B12", ""),
	clockUnknown: fault.Row("The system does not report whether its clock is synchronised.",
		"Compare the clock with another one.", "B13", ""),
	clockNotReached: fault.Row("The clock was not checked.", earlier, "B19", ""),

	filesGood: fault.Row("The files can be read, and no other user can read the secrets.", nothing, "B20", ""),
	filesUnreadable: fault.Row("A file cannot be read.",
		"Make it readable by the user or the group that the hub runs as.", "B21", ""),
	filesOpen: fault.Row("A secret can be read or written by every user of this computer.",
		"Remove the permissions of other users: chmod o= FILE.", "B22", ""),
	filesOfOthers: fault.Row("A database file does not belong to the data folder's owner: the hub cannot open it.",
		"Change its owner to the data folder's owner (chown), and run commands as that user.", "B23", ""),
	filesNotReached: fault.Row("The files were not checked.", earlier, "B29", ""),

	certificatesGood: fault.Row("The certificates are valid.", nothing, "B30", ""),
	certificatesEndSoon: fault.Row("A certificate ends soon.", "Renew it now. The hub reloads its own and the "+
		"cards' files without a restart.", "B31", ""),
	certificatesEnded: fault.Row("A certificate has expired, or is not valid yet.",
		"Renew it, or check the clock.", "B32", ""),
	certificatesNone: fault.Row("TLS is off: the hub listens only on this computer's loopback address.",
		"Set tls.certificate_file and tls.key_file before terminals use it.", "B33", ""),
	certificatesNotReached: fault.Row("The certificates were not checked.", earlier, "B39", ""),

	storeGood: fault.Row("The databases can be read, and are of this version.", nothing, "B40", ""),
	storeOlder: fault.Row("The databases are from an older version of the hub.", "Stop the older hubs, back "+
		"up, and run 'wardlight-hub migrate' or start this hub.", "B41", ""),
	storeFails: fault.Row("The databases cannot be read.", "Check hub.data_folder or store.dsn_file, and run "+
		"this command as the user that the hub runs as.", "B42", ""),
	storeUnsafe: fault.Row("The database can lose committed data.", "Correct the database's setting; the hub "+
		"does not start with this one.", "B43", ""),
	storeNotReached: fault.Row("The databases were not checked.", earlier, "B49", ""),

	auditGood: fault.Row("The audit's last record is valid.", nothing, "B50", ""),
	auditNotIts: fault.Row("The audit does not match its last checkpoint.", "Change nothing. Follow "+
		"docs/audit.md: run 'wardlight-hub audit verify --checkpoint'.", "B51", ""),
	auditFails: fault.Row("The audit cannot be read.", "Run 'wardlight-hub audit verify'.", "B52", ""),
	auditCut: fault.Row("Records at the end of the audit were cut off or rewritten.", "Change nothing. Follow "+
		"docs/audit.md: run 'wardlight-hub audit verify --checkpoint'.", "B53", ""),
	auditNotReached: fault.Row("The audit was not checked.", earlier, "B59", ""),

	checkpointsGood: fault.Row("The audit's checkpoints are up to date.", nothing, "B60", ""),
	checkpointsNone: fault.Row("The hub writes no audit checkpoints: deleting the latest records would not "+
		"be detected.", "Make a key with 'wardlight-hub audit key' and set audit.checkpoint_folder.", "B61", ""),
	checkpointsFail: fault.Row("Checkpoints cannot be written.", "Correct the folder or the key: the folder "+
		"must exist, and the hub must be able to write to it.", "B62", ""),
	checkpointsOld: fault.Row("Some records are more than five minutes old, and no checkpoint covers them.",
		"Start the hub, or look for ALARM in its log.", "B63", ""),
	checkpointsNotReached: fault.Row("The checkpoints were not checked.", earlier, "B69", ""),

	authoritiesGood: fault.Row("Each authority can be notified.", nothing, "B70", ""),
	authoritiesNone: fault.Row("No local authority is on file.", "Add one: 'wardlight-hub authority add'.", "B71",
		""),
	authoritiesUnready: fault.Row("An authority cannot be notified with the current settings.",
		"'wardlight-hub authority list' says why; docs/authorities.md has what each needs.", "B72", ""),
	authoritiesAway: fault.Row("An authority's system does not answer.", "Check the network, the address and "+
		"the certificate with the people who run that system. Notifications wait until it answers.", "B73", ""),
	authoritiesResend: fault.Row("An authority has to send its plans again after a restore.",
		"Ask it to do so, then run 'wardlight-hub authority resent'.", "B74", ""),
	authoritiesNotReached: fault.Row("The authorities were not checked.", earlier, "B79", ""),

	outboxGood: fault.Row("No notification and no privacy alert is late.", nothing, "B80", ""),
	outboxSlow: fault.Row("A notification has waited for more than an hour.",
		"'wardlight-hub outbox list' says why.", "B81", ""),
	outboxLost: fault.Row("Notifications were abandoned or not delivered: an authority was not notified of "+
		"an access.", "Fix the errors that 'wardlight-hub outbox list' shows, then run 'wardlight-hub outbox replay'.",
		"B82", ""),
	outboxAlertsSlow: fault.Row("A privacy alert has waited for more than an hour to be sent to the national service.",
		"Look for the reason in the hub's log. The privacy officer has it in the hub's list.", "B83", ""),
	outboxAlertsLost: fault.Row("Privacy alerts were not sent to the national service, and will not be.",
		"Inform the privacy officer, who reports them in another way and closes them with a note.", "B84", ""),
	outboxNotReached: fault.Row("The outbox was not checked.", earlier, "B89", ""),

	backupGood: fault.Row("There is a backup.", nothing, "B90", ""),
	backupNotSet: fault.Row("The backup folder is not set.", "Set backup.folder to the folder that "+
		"'wardlight-hub backup' writes into.", "B91", ""),
	backupOld: fault.Row("The last backup is old.", "Check the timer that runs 'wardlight-hub backup'.", "B92",
		""),
	backupNone: fault.Row("There is no backup.", "Run 'wardlight-hub backup', and have a timer run it every day.",
		"B93", ""),
	backupElsewhere: fault.Row("PostgreSQL is backed up by its own tools.", "Check the backups that they make.", "B94",
		""),
	backupNotReached: fault.Row("The backups were not checked.", earlier, "B99", ""),
}

// Words returns the table in the order of codes, for the handbook and for tests.
func Words() []fault.Words {
	all := make([]fault.Words, 0, len(table))
	for _, k := range table.Kinds() {
		all = append(all, table[k])
	}
	return all
}
