package people

import (
	"time"

	"wardlight/hub/patientflag"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// adjustments returns a reasonable adjustments flag, which an organisation recorded 30 days ago.
func adjustments(n nhs.Number, now time.Time) patientflag.Flag {
	return patientflag.Flag{
		Number: n, Kind: patientflag.ReasonableAdjustments, Active: true, Recorded: now.AddDate(0, 0, -30), By: "X97",
		Details: []patientflag.Detail{
			{
				Type: patientflag.Adjustment,
				Category: fhir.Coding{
					System: fhir.SystemAdjustmentCategory, Code: "communication-support",
					Display: "Communication support",
				},
				Code: fhir.Coding{
					System: fhir.SystemSNOMED, Code: "1082681000000103",
					Display: "Requires support for receptive communication needs",
				},
				Note: "Use short sentences and pictures",
			},
			{
				Type: patientflag.Impairment,
				Code: fhir.Coding{
					System: "https://fhir.nhs.uk/England/CodeSystem/England-ConditionCodeRA", Code: "learning",
					Display: "Learning or understanding or concentrating",
				},
			},
		},
	}
}

// fgm returns an FGM flag.
func fgm(n nhs.Number, now time.Time) patientflag.Flag {
	return patientflag.Flag{
		Number: n, Kind: patientflag.FGM, Active: true, Recorded: now.AddDate(-1, 0, 0), By: "X97",
		Details: []patientflag.Detail{{Type: patientflag.Finding, Code: fhir.Coding{
			System: fhir.SystemSNOMED, Code: "902961000000107",
			Display: "Family history of FGM (female genital mutilation)",
		}}},
	}
}
