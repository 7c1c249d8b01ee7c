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
	booksGood
	booksOlder
	booksFail
	booksUnsafe
	booksNotReached
	auditGood
	auditNotIts
	auditFails
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
	earlier = "Mend the failed row that it waits for."
)

// table has the texts of all results. The first digit of a code is the check's. The second is 0 for passed, 9 for
// skipped, or another result.
var table = fault.Table[word]{
	settingsGood:  fault.Row("The settings are in order.", nothing, "B00", ""),
	settingsWrong: fault.Row("The settings are wrong: the hub does not start.", "Put the setting right; 'wardlight-hub config' shows where each comes from.", "B01", ""),

	clockGood:       fault.Row("The clock is synchronised.", nothing, "B10", ""),
	clockAlone:      fault.Row("The clock is not synchronised.", "Set up a time service (chrony, systemd-timesyncd): at two minutes off, sign-ins are refused.", "B11", ""),
	clockBehind:     fault.Row("The clock is behind the newest record of the audit.", "Set the clock right: records and sessions are of the future now.", "B12", ""),
	clockUnknown:    fault.Row("The system does not say whether its clock is synchronised.", "Compare the clock yourself.", "B13", ""),
	clockNotReached: fault.Row("The clock was not checked.", earlier, "B19", ""),

	filesGood:       fault.Row("The files can be read, and secrets are readable for nobody else.", nothing, "B20", ""),
	filesUnreadable: fault.Row("A file cannot be read.", "Give it to the user or the group that the hub runs as.", "B21", ""),
	filesOpen:       fault.Row("A secret can be read or written by every user of this computer.", "Take the rights of others away: chmod o= FILE.", "B22", ""),
	filesOfOthers:   fault.Row("A file of the books is not of the data folder's owner: the hub cannot open it.", "chown it to the owner of the data folder, and run commands as that user.", "B23", ""),
	filesNotReached: fault.Row("The files were not checked.", earlier, "B29", ""),

	certificatesGood:       fault.Row("The certificates are valid.", nothing, "B30", ""),
	certificatesEndSoon:    fault.Row("A certificate ends soon.", "Renew it now. The hub reads its own and the cards' files again by itself.", "B31", ""),
	certificatesEnded:      fault.Row("A certificate has ended, or is not valid yet.", "Renew it, or look at the clock.", "B32", ""),
	certificatesNone:       fault.Row("There is no TLS: the hub listens on this computer's own address alone.", "Set tls.certificate_file and tls.key_file before terminals use it.", "B33", ""),
	certificatesNotReached: fault.Row("The certificates were not checked.", earlier, "B39", ""),

	booksGood:       fault.Row("The books can be read, and are of this version.", nothing, "B40", ""),
	booksOlder:      fault.Row("The books are those of an older hub.", "Stop the older hubs, back up, and run 'wardlight-hub migrate' or start this hub.", "B41", ""),
	booksFail:       fault.Row("The books cannot be read.", "Look at hub.data_folder or store.dsn_file, and run this as the user that the hub runs as.", "B42", ""),
	booksUnsafe:     fault.Row("The database may forget what was committed.", "Put the setting of the database right; the hub does not start on it.", "B43", ""),
	booksNotReached: fault.Row("The books were not checked.", earlier, "B49", ""),

	auditGood:       fault.Row("The audit's last record is in order.", nothing, "B50", ""),
	auditNotIts:     fault.Row("The audit does not agree with its last checkpoint.", "Change nothing. Follow docs/audit.md: run 'wardlight-hub audit verify --checkpoint'.", "B51", ""),
	auditFails:      fault.Row("The audit cannot be read.", "Run 'wardlight-hub audit verify'.", "B52", ""),
	auditNotReached: fault.Row("The audit was not checked.", earlier, "B59", ""),

	checkpointsGood:       fault.Row("Checkpoints of the audit are signed.", nothing, "B60", ""),
	checkpointsNone:       fault.Row("No checkpoints of the audit are made: a cut end would not show.", "Make a key with 'wardlight-hub audit key' and set audit.checkpoint_folder.", "B61", ""),
	checkpointsFail:       fault.Row("Checkpoints cannot be written.", "Put the folder or the key right: the folder has to be there, and writable for the hub.", "B62", ""),
	checkpointsOld:        fault.Row("There are records that no checkpoint covers for longer than five minutes.", "Start the hub, or look for ALARM in its log.", "B63", ""),
	checkpointsNotReached: fault.Row("The checkpoints were not checked.", earlier, "B69", ""),

	authoritiesGood:       fault.Row("Each authority can be notified.", nothing, "B70", ""),
	authoritiesNone:       fault.Row("No local authority is on file.", "Add one: 'wardlight-hub authority add'.", "B71", ""),
	authoritiesUnready:    fault.Row("An authority cannot be notified as things are set up.", "'wardlight-hub authority list' says why; docs/authorities.md has what each needs.", "B72", ""),
	authoritiesAway:       fault.Row("An authority's system does not answer.", "Look at the network, the address and the certificate, with whoever runs that system. Notifications wait meanwhile.", "B73", ""),
	authoritiesResend:     fault.Row("An authority has to send its plans again after a restore.", "Ask it to, then run 'wardlight-hub authority resent'.", "B74", ""),
	authoritiesNotReached: fault.Row("The authorities were not asked.", earlier, "B79", ""),

	outboxGood:       fault.Row("No notification is late.", nothing, "B80", ""),
	outboxSlow:       fault.Row("A notification has waited for more than an hour.", "'wardlight-hub outbox list' says why.", "B81", ""),
	outboxLost:       fault.Row("Notifications were given up or not delivered: an authority does not know of an access.", "Put right what 'wardlight-hub outbox list' says, then 'wardlight-hub outbox replay'.", "B82", ""),
	outboxNotReached: fault.Row("The outbox was not checked.", earlier, "B89", ""),

	backupGood:       fault.Row("There is a backup.", nothing, "B90", ""),
	backupNotSet:     fault.Row("It is not said where backups are.", "Set backup.folder to the folder that 'wardlight-hub backup' writes into.", "B91", ""),
	backupOld:        fault.Row("The last backup is old.", "Look at what runs 'wardlight-hub backup'.", "B92", ""),
	backupNone:       fault.Row("There is no backup.", "Run 'wardlight-hub backup', and have a timer run it every day.", "B93", ""),
	backupElsewhere:  fault.Row("PostgreSQL is backed up by its own tools.", "Look at them.", "B94", ""),
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
