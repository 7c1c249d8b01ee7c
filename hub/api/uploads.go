package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"wardlight/hub/store"
	"wardlight/hub/upload"
	"wardlight/internal/text"
)

// Timeouts of an upload: time for 8 MB on a slow connection, and the same again to process the rows.
const (
	uploadReadTimeout  = time.Minute
	uploadWriteTimeout = 3 * time.Minute
)

// maxFileIDLength is the maximum length of an authority's ID of a file, in characters.
const maxFileIDLength = 64

// Parameters for formats that can't contain them in the file.
const (
	headerFileID      = "Upload-File-Id"
	parameterFileID   = "file"
	parameterSequence = "sequence" // sequence number of the authority's file
)

const mediaJSON = "application/json"

// errTooLarge means that the body is larger than upload.MaxBytes.
var errTooLarge = errors.New("larger than upload.MostBytes")

// postUpload answers POST /la/uploads, a file of plans, with the result of each row.
func (a *API) postUpload(c *call) (*answer, error) {
	if err := unknownParameters(c.query, parameterFileID, parameterSequence); err != nil {
		return nil, err
	}
	if a.Uploads == nil {
		return nil, notSupported("This hub takes no plans, because it asks a national service for alerts.")
	}

	if c.authority.DutyPhone == "" {
		return nil, &problem{
			status: http.StatusForbidden, code: "ACCESS_DENIED",
			diagnostics: "No phone of the emergency duty team of " + c.authority.Code +
				" is on file, and staff who open an alert must be able to " +
				"call it. The hub's operator adds it: wardlight-hub authority add " + c.authority.Code +
				" --duty-phone NUMBER",
		}
	}

	file, kind, err := a.readFile(c)
	if err == nil {
		err = checkFileID(file.ID)
	}

	var bad *upload.FileError
	switch {
	case errors.Is(err, errTooLarge):
		got := fileRefused(&upload.FileError{
			Code: upload.Corrupt, Sentence: "The file is larger than 8 MB: send it in parts, each with an id of " +
				"its own.",
		})
		got.status = http.StatusRequestEntityTooLarge
		return got, nil
	case errors.As(err, &bad):
		return fileRefused(bad), nil
	case err != nil:
		return nil, err
	}

	if err := a.acquireProcessing(c); err != nil {
		return nil, err
	}

	sum := sha256.Sum256(append([]byte(kind+"\n"), c.body...))
	digest := hex.EncodeToString(sum[:])
	if got, err := a.uploadedBefore(c, file.ID, digest); got != nil || err != nil {
		return got, err
	}

	taken, err := a.Uploads.Process(c.ctx, c.authority.Code, file, c.today)
	switch {
	case errors.Is(err, upload.ErrPDS):
		a.Log.ErrorContext(c.ctx, "An upload could not be compared with the patients' records.", "request", c.requestID,
			"error", err)
		return fileRefused(&upload.FileError{
			Code: upload.PDSDown, Sentence: "The patients' records are not available now. Nothing of the file was " +
				"stored: send it again later.",
		}), nil
	case err != nil:
		return nil, err
	}

	return a.uploadAnswer(c, file, digest, taken)
}

// uploadAnswer returns the answer to a file with its changes.
func (a *API) uploadAnswer(c *call, file *upload.File, digest string, taken *upload.Result) (*answer, error) {
	told := upload.Answer{
		Upload: a.NewID(), File: file.ID, Received: stamp(c.now), Code: taken.Code, Sentence: taken.Sentence(),
		Accepted: len(taken.Rows) - taken.Refused, Refused: taken.Refused, Rows: taken.Rows, SendAgain: taken.SendAgain,
	}
	body, err := json.Marshal(told)
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	for i := range taken.Checks {
		taken.Checks[i].At = c.now
	}
	return &answer{
		body: body, mediaType: mediaJSON, patients: taken.Patients, reason: string(taken.Code),
		upload: &store.Upload{
			ID: told.Upload, Authority: c.authority.Code, File: file.ID, Digest: digest, Made: file.Made,
			Version: taken.Version, At: c.now, Answer: body,
			Plans: taken.Plans, Deleted: taken.Deleted, Removed: taken.Removed,
			Withheld: taken.Withheld, SentAgain: taken.SentAgain, Checks: taken.Checks,
		},
	}, nil
}

// maxReading is the maximum number of concurrent uploads, all of different authorities. A file uses several times its
// size in memory.
const maxReading = 4

// acquireReading acquires the semaphores for reading the body, until the answer is recorded. Each authority may read
// one body at a time, so that its slow connection doesn't delay others.
func (a *API) acquireReading(c *call) error {
	own, _ := a.authoritySlots.LoadOrStore(c.authority.Code, make(chan struct{}, 1))
	if err := acquire(c,
		own.(chan struct{})); err != nil { //nolint:errcheck,forcetypeassert // the map has no other type
		return err
	}
	return acquire(c, a.readSlots)
}

// acquireProcessing acquires the semaphore of processing until the answer is recorded, because the changes of a file
// depend on those of the previous one.
func (a *API) acquireProcessing(c *call) error {
	if c.working {
		return nil
	}
	c.working = true
	return acquire(c, a.processSlot)
}

// acquire acquires a semaphore until the answer is recorded.
func acquire(c *call, places chan struct{}) error {
	select {
	case places <- struct{}{}:
		c.releases = append(c.releases, func() { <-places })
		return nil
	case <-c.ctx.Done():
		return c.ctx.Err()
	}
}

// readFile parses the body according to its Content-Type. A malformed file is a *upload.FileError.
func (a *API) readFile(c *call) (file *upload.File, kind string, err error) {
	kind, parameters, _ := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if kind != "text/csv" && kind != mediaJSON || !knownCharset(parameters["charset"]) ||
		c.request.Header.Get("Content-Encoding") != "" {
		return nil, "", &upload.FileError{
			Code: upload.NotSupported, Sentence: "The Content-Type is neither text/csv nor application/json, in a " +
				"known charset and not compressed.",
		}
	}
	if err := a.readFileBody(c); err != nil {
		return nil, "", err
	}

	id, err := fileID(c)
	if err != nil {
		return nil, "", err
	}

	if kind == mediaJSON {
		if c.query.Has(parameterSequence) {
			return nil, kind, &upload.FileError{Code: upload.Corrupt, Sentence: "A JSON file has no “sequence” " +
				"parameter: its “created” says when it was made."}
		}
		file, err = upload.ParseJSON(c.body, c.authority.Code, c.now)
		if err == nil && id != "" && id != file.ID {
			err = &upload.FileError{
				Code:     upload.Corrupt,
				Sentence: "The id of the file in the request differs from the id in the file.",
			}
		}
		return file, kind, err
	}

	var made int64
	if sequence := c.query[parameterSequence]; len(sequence) > 1 {
		return nil, kind, &upload.FileError{Code: upload.Corrupt, Sentence: "The request has more than one “sequence”."}
	} else if len(sequence) == 1 {
		if made, err = upload.Sequence(sequence[0], c.now); err != nil {
			return nil, kind, err
		}
	}

	rows, err := upload.ParseCSV(c.body)
	return &upload.File{ID: id, Made: made, Rows: rows}, kind, err
}

// knownCharset reports whether the encoding of a text with that charset can be detected from its bytes.
func knownCharset(name string) bool {
	switch strings.ToLower(name) {
	case "", "utf-8", "utf8", "us-ascii", "utf-16", "utf-16le", "utf-16be", "windows-1252", "cp1252", "iso-8859-1":
		return true
	}
	return false
}

// readFileBody waits for the semaphores and reads the body, with a longer timeout than other requests.
func (a *API) readFileBody(c *call) error {
	if c.body != nil {
		return nil
	}

	// Deadlines of the connection use the system's clock, not the hub's. A connection without support for deadlines
	// needs none.
	connection := http.NewResponseController(c.writer)
	_ = connection.SetReadDeadline(time.Now().Add(uploadWriteTimeout))
	_ = connection.SetWriteDeadline(time.Now().Add(2 * uploadWriteTimeout))
	if err := a.acquireReading(c); err != nil {
		return err
	}

	_ = connection.SetReadDeadline(time.Now().Add(uploadReadTimeout))
	_ = connection.SetWriteDeadline(time.Now().Add(uploadWriteTimeout))
	body, err := io.ReadAll(c.request.Body)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return errTooLarge
	case err != nil:
		return &upload.FileError{Code: upload.Corrupt, Sentence: "The file did not arrive completely: send it again."}
	}

	c.body = body
	return nil
}

// fileID returns the file's ID in the request, or "".
func fileID(c *call) (string, error) {
	given := append(c.request.Header.Values(headerFileID), c.query[parameterFileID]...)
	if len(given) > 1 {
		return "", &upload.FileError{Code: upload.Corrupt, Sentence: "The request has more than one id for the file."}
	}
	return strings.Join(given, ""), nil
}

func checkFileID(id string) error {
	if strings.TrimSpace(id) == "" || utf8.RuneCountInString(id) > maxFileIDLength || text.Clean(id, 0) != id {
		return &upload.FileError{
			Code: upload.Corrupt,
			Sentence: fmt.Sprintf("The file has no valid id: up to %d printable characters. For CSV, send it in "+
				"the header %s or in the query: ?%s=…",
				maxFileIDLength, headerFileID, parameterFileID),
		}
	}
	return nil
}

// fileRefused returns the answer to a file of which nothing is stored. Its ID may be used again.
func fileRefused(bad *upload.FileError) *answer {
	body, err := json.Marshal(struct {
		Code     upload.FileCode `json:"code"`
		Sentence string          `json:"sentence"`
	}{bad.Code, bad.Sentence})
	if err != nil {
		panic(err) // encoding a struct of strings can't fail
	}
	got := &answer{
		body: body, mediaType: mediaJSON, status: http.StatusBadRequest, outcome: "refused",
		reason: string(bad.Code),
	}
	switch bad.Code {
	case upload.PDSDown:
		got.status, got.outcome = http.StatusServiceUnavailable, "failed"
	case upload.NotSupported:
		got.status = http.StatusUnsupportedMediaType
	}
	return got
}

// uploadedBefore returns the stored answer of the same file, or nil. It returns an error for another file with the
// same ID, whose answer would be about other rows.
func (a *API) uploadedBefore(c *call, file, digest string) (*answer, error) {
	u, err := a.Authorities.UploadOfFile(c.ctx, c.authority.Code, file)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("upload: %w", err)
	case u.Digest != digest:
		return nil, &problem{
			status: http.StatusConflict, code: "PRECONDITION_FAILED", issue: "conflict",
			diagnostics: "Another file with this id is on record, as upload " + u.ID +
				". Give every file an id of its own.",
		}
	}

	if len(u.Answer) == 0 {
		return nil, &problem{
			status: http.StatusConflict, code: "PRECONDITION_FAILED", issue: "conflict",
			diagnostics: "This file has been on record since " + stamp(u.At) + ", as upload " + u.ID +
				", and was not processed again. Its answer has been deleted (retention period).",
		}
	}

	return &answer{body: u.Answer, mediaType: mediaJSON, reason: reasonRepeated}, nil
}

// readUpload answers GET /la/uploads/{id} with the answer to a file.
func (a *API) readUpload(c *call) (*answer, error) {
	if err := unknownParameters(c.query); err != nil {
		return nil, err
	}
	u, err := a.Authorities.Upload(c.ctx, c.authority.Code, c.request.PathValue("id"))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, &problem{status: http.StatusNotFound, code: "RESOURCE_NOT_FOUND"}
	case err != nil:
		return nil, fmt.Errorf("upload: %w", err)
	case len(u.Answer) == 0:
		return nil, &problem{
			status: http.StatusGone, code: "RESOURCE_NOT_FOUND", issue: "deleted",
			diagnostics: "The answer to this upload of " + stamp(u.At) +
				" has been deleted (retention period). The file is still on record.",
		}
	}
	return &answer{body: u.Answer, mediaType: mediaJSON}, nil
}
