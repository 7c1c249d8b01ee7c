package nationaltest

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
)

// MHS is a stand-in of the NHS's open-source MHS adaptor (outbound service) with CP-IS behind it. It is an
// http.Handler. Its methods are safe for concurrent use.
type MHS struct {
	answer func(MHSQuery) MHSReply

	mu      sync.Mutex
	queries []MHSQuery
}

// MHSQuery is a query that the adaptor has received.
type MHSQuery struct {
	MessageID   string // header Message-Id
	Correlation string // header Correlation-Id
	Payload     string // the HL7 message

	// Of the HL7 message:
	ID, Event, Number                       string
	At                                      string
	Prefix, Given, Family                   string
	JobCode, JobName, OrgCode, Organisation string
}

// MHSReply is the adaptor's answer.
type MHSReply struct {
	Status int    // 0 means 200
	Type   string // media type; "" means text/xml
	Body   string
	// Wait delays the answer until it is closed or the caller has gone; nil for no delay.
	Wait <-chan struct{}
	Cut  bool // the connection is closed without an answer
}

// NewMHS returns an adaptor that answers a query with what answer returns.
func NewMHS(answer func(MHSQuery) MHSReply) *MHS { return &MHS{answer: answer} }

// Queries returns the received queries in order of arrival.
func (m *MHS) Queries() []MHSQuery {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]MHSQuery(nil), m.queries...)
}

// ServeHTTP implements http.Handler: POST / as in the adaptor's OpenAPI document.
func (m *MHS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && r.URL.Path == "/healthcheck" {
		return
	}

	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.Method != http.MethodPost || r.URL.Path != "/":
		http.Error(w, "404: Not Found", http.StatusNotFound)
		return
	case media != "application/json":
		http.Error(w, "Missing Content-Type header", http.StatusBadRequest)
		return
	case r.Header.Get("Interaction-Id") != "QUPC_IN000006GB01" || r.Header.Get("wait-for-response") != "true":
		http.Error(w, "Required header not passed, or unknown interaction ID", http.StatusNotFound)
		return
	}

	q, ok := readQuery(r)
	if !ok {
		http.Error(w, "Invalid request", http.StatusBadRequest)
		return
	}

	m.mu.Lock()
	m.queries = append(m.queries, q)
	m.mu.Unlock()

	reply := m.answer(q)
	if reply.Wait != nil {
		select {
		case <-reply.Wait:
		case <-r.Context().Done():
		}
	}

	if reply.Cut {
		panic(http.ErrAbortHandler)
	}

	if reply.Type == "" {
		reply.Type = "text/xml"
	}
	w.Header().Set("Content-Type", reply.Type)
	if reply.Status != 0 {
		w.WriteHeader(reply.Status)
	}
	_, _ = io.WriteString(w, reply.Body)
}

// readQuery parses the body of a request, or returns false.
func readQuery(r *http.Request) (MHSQuery, bool) {
	var body struct {
		Payload string `json:"payload"`
	}
	if json.NewDecoder(r.Body).Decode(&body) != nil || body.Payload == "" {
		return MHSQuery{}, false
	}

	type instance struct {
		Root      string `xml:"root,attr"`
		Extension string `xml:"extension,attr"`
	}
	var m struct {
		XMLName xml.Name `xml:"urn:hl7-org:v3 QUPC_IN000006GB01"`
		ID      instance `xml:"id"`
		Query   struct {
			Time struct {
				Value string `xml:"value,attr"`
			} `xml:"effectiveTime"`
			ID     instance `xml:"id"`
			Number instance `xml:"queryByParameter>person.NHSnumber>value"`
			Author struct {
				Code struct {
					Code string `xml:"code,attr"`
					Name string `xml:"displayName,attr"`
				} `xml:"code"`
				Name struct {
					Prefix string `xml:"prefix"`
					Given  string `xml:"given"`
					Family string `xml:"family"`
				} `xml:"assignedAuthorPerson>name"`
				Organisation struct {
					ID   instance `xml:"id"`
					Name string   `xml:"name"`
				} `xml:"representedOrganization"`
			} `xml:"author>COCT_TP145102GB01.AssignedAuthor"`
		} `xml:"ControlActEvent>subject>CP-ISQueryStub>cP-ISNHSQuery"`
	}
	if xml.Unmarshal([]byte(body.Payload), &m) != nil {
		return MHSQuery{}, false
	}

	a := m.Query.Author
	return MHSQuery{
		MessageID: r.Header.Get("Message-Id"), Correlation: r.Header.Get("Correlation-Id"), Payload: body.Payload,
		ID: m.ID.Root, Event: m.Query.ID.Root, Number: m.Query.Number.Extension, At: m.Query.Time.Value,
		Prefix: a.Name.Prefix, Given: a.Name.Given, Family: a.Name.Family, JobCode: a.Code.Code, JobName: a.Code.Name,
		OrgCode: a.Organisation.ID.Extension, Organisation: a.Organisation.Name,
	}, true
}

// view returns the query as the service lists it in its answer.
func (q MHSQuery) view() CPISView {
	return CPISView{
		ID: q.Event, At: q.At, Number: q.Number, Prefix: q.Prefix, Given: q.Given, Family: q.Family, JobCode: q.JobCode,
		JobName: q.JobName, OrgCode: q.OrgCode, Organisation: q.Organisation,
	}
}

// Records returns the service's answer with the records of the child. It lists the query after the earlier views.
func (q MHSQuery) Records(records []CPISRecord, earlier ...CPISView) string {
	for i := range earlier {
		earlier[i].Number = q.Number
	}
	return CPISAnswer(q.Number, records, append(earlier, q.view()))
}

// NoRecords returns the service's answer that it has no record of the child.
func (q MHSQuery) NoRecords() string { return CPISFailure(q.ID, "1", "No Records Found") }

// Refusal returns the service's refusal of the query with the code.
func (q MHSQuery) Refusal(code, words string) string { return CPISFailure(q.ID, code, words) }

// escaped returns the text for an attribute or an element.
func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder never fails
	return b.String()
}
