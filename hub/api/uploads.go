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

// The bounds of a connection that uploads: 8 MB over a slow line, and as long again to hold every row against the
// records.
const (
	uploadReadTimeout  = time.Minute
	uploadWriteTimeout = 3 * time.Minute
)

// mostFileID is how many characters an authority's id of a file may have.
const mostFileID = 64

// The file's id, where the file itself has no place for it.
const (
	headerFileID      = "Upload-File-Id"
	parameterFileID   = "file"
	parameterSequence = "sequence" // of the files of an authority, in the order in which it made them
)

const mediaJSON = "application/json"

// errTooLarge is a body that is larger than is read.
var errTooLarge = errors.New("larger than upload.MostBytes")

// takeUpload returns POST /la/uploads: a file of plans, and what became of each row.
func (a *API) takeUpload(c *call) (*answer, error) {
	if err := unknownParameters(c.query, parameterFileID, parameterSequence); err != nil {
		return nil, err
	}
	if c.authority.DutyPhone == "" {
		return nil, &problem{
			status: http.StatusForbidden, code: "ACCESS_DENIED",
			diagnostics: "No phone of the emergency duty team of " + c.authority.Code + " is on file, and whoever opens an alert has to be able to " +
				"call it. The hub's operator adds it: wardlight-hub authority add " + c.authority.Code + " --duty-phone NUMBER",
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
			Code: upload.Corrupt, Sentence: "The file is larger than 8 MB: send it in parts, each with an id of its own.",
		})
		got.status = http.StatusRequestEntityTooLarge
		return got, nil
	case errors.As(err, &bad):
		return fileRefused(bad), nil
	case err != nil:
		return nil, err
	}
	if err := a.oneAtATime(c); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append([]byte(kind+"\n"), c.body...))
	digest := hex.EncodeToString(sum[:])
	if got, err := a.uploadedBefore(c, file.ID, digest); got != nil || err != nil {
		return got, err
	}
	taken, err := a.Uploads.Take(c.ctx, c.authority.Code, file, c.today)
	switch {
	case errors.Is(err, upload.ErrPDS):
		a.Log.ErrorContext(c.ctx, "An upload could not be held against the records.", "request", c.requestID, "error", err)
		return fileRefused(&upload.FileError{
			Code: upload.PDSDown, Sentence: "The patients' records do not answer now. Nothing of the file is kept: send it again later.",
		}), nil
	case err != nil:
		return nil, err
	}
	return a.taken(c, file, digest, taken)
}

// taken returns the answer to a file whose rows were read, with what it changes.
func (a *API) taken(c *call, file *upload.File, digest string, taken *upload.Taken) (*answer, error) {
	told := upload.Answer{
		Upload: a.NewID(), File: file.ID, Received: stamp(c.now), Code: taken.Code, Sentence: taken.Sentence(),
		Taken: len(taken.Rows) - taken.Refused, Refused: taken.Refused, Rows: taken.Rows, SendAgain: taken.SendAgain,
	}
	body, err := json.Marshal(told)
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	return &answer{
		body: body, mediaType: mediaJSON, patients: taken.Patients, reason: string(taken.Code),
		upload: &store.Upload{
			ID: told.Upload, Authority: c.authority.Code, File: file.ID, Digest: digest, Made: file.Made, Version: taken.Version, At: c.now, Answer: body,
			Plans: taken.Plans, Deleted: taken.Deleted, Removed: taken.Removed,
			Withheld: taken.Withheld, SentAgain: taken.SentAgain,
		},
	}, nil
}

// maxReading is how many uploads are read or wait at once, of different authorities. A file takes several times its size
// of memory.
const maxReading = 4

// toRead waits for a place to read the body, which is held until the answer is on record. An authority has one, so that
// a slow line holds up nobody else.
func (a *API) toRead(c *call) error {
	own, _ := a.ofAuthority.LoadOrStore(c.authority.Code, make(chan struct{}, 1))
	if err := hold(c, own.(chan struct{})); err != nil { //nolint:errcheck,forcetypeassert // nothing else is in the map
		return err
	}
	return hold(c, a.reading)
}

// oneAtATime waits for the place of the one upload that is worked on, and holds it until the answer is on record:
// what a file changes goes by what the one before it left.
func (a *API) oneAtATime(c *call) error {
	if c.working {
		return nil
	}
	c.working = true
	return hold(c, a.uploading)
}

// hold waits for one of the places, and holds it until the answer is on record.
func hold(c *call, places chan struct{}) error {
	select {
	case places <- struct{}{}:
		c.releases = append(c.releases, func() { <-places })
		return nil
	case <-c.ctx.Done():
		return c.ctx.Err()
	}
}

// readFile reads the body as the kind of file that it says it is. A *upload.FileError says why it does not read.
func (a *API) readFile(c *call) (file *upload.File, kind string, err error) {
	kind, parameters, _ := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if kind != "text/csv" && kind != mediaJSON || !knownCharset(parameters["charset"]) || c.request.Header.Get("Content-Encoding") != "" {
		return nil, "", &upload.FileError{
			Code: upload.NotSupported, Sentence: "The Content-Type is neither text/csv nor application/json, in a known charset and not compressed.",
		}
	}
	if err := a.readBody(c); err != nil {
		return nil, "", err
	}
	id, err := fileID(c)
	if err != nil {
		return nil, "", err
	}
	if kind == mediaJSON {
		if c.query.Has(parameterSequence) {
			return nil, kind, &upload.FileError{Code: upload.Corrupt, Sentence: "A file in JSON has no “sequence” beside it: it says in “created” when it was made."}
		}
		file, err = upload.ParseJSON(c.body, c.authority.Code, c.now)
		if err == nil && id != "" && id != file.ID {
			err = &upload.FileError{Code: upload.Corrupt, Sentence: "The request gives the file another id than the file itself."}
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

// knownCharset reports whether text in that charset is told from the others by its bytes.
func knownCharset(name string) bool {
	switch strings.ToLower(name) {
	case "", "utf-8", "utf8", "us-ascii", "utf-16", "utf-16le", "utf-16be", "windows-1252", "cp1252", "iso-8859-1":
		return true
	}
	return false
}

// readBody waits for a place and reads the body, with more time than other requests have.
func (a *API) readBody(c *call) error {
	if c.body != nil {
		return nil
	}
	// The connection's deadlines go by the machine's clock, whatever clock the hub goes by. A connection without
	// deadlines needs no longer ones.
	connection := http.NewResponseController(c.writer)
	_ = connection.SetReadDeadline(time.Now().Add(uploadWriteTimeout))
	_ = connection.SetWriteDeadline(time.Now().Add(2 * uploadWriteTimeout))
	if err := a.toRead(c); err != nil {
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
		return &upload.FileError{Code: upload.Corrupt, Sentence: "The file did not arrive whole: send it again."}
	}
	c.body = body
	return nil
}

// fileID returns the id that the request gives the file; "" when it gives none.
func fileID(c *call) (string, error) {
	given := append(c.request.Header.Values(headerFileID), c.query[parameterFileID]...)
	if len(given) > 1 {
		return "", &upload.FileError{Code: upload.Corrupt, Sentence: "The request gives the file more than one id."}
	}
	return strings.Join(given, ""), nil
}

func checkFileID(id string) error {
	if strings.TrimSpace(id) == "" || utf8.RuneCountInString(id) > mostFileID || text.Clean(id, 0) != id {
		return &upload.FileError{
			Code: upload.Corrupt,
			Sentence: fmt.Sprintf("The file has no id of up to %d characters that print. A CSV has it in the header %s or in the query: ?%s=…",
				mostFileID, headerFileID, parameterFileID),
		}
	}
	return nil
}

// fileRefused returns the answer to a file of which nothing is kept: its id may be used again.
func fileRefused(bad *upload.FileError) *answer {
	body, err := json.Marshal(struct {
		Code     upload.FileCode `json:"code"`
		Sentence string          `json:"sentence"`
	}{bad.Code, bad.Sentence})
	if err != nil {
		panic(err) // a struct of strings
	}
	got := &answer{body: body, mediaType: mediaJSON, status: http.StatusBadRequest, outcome: "refused", reason: string(bad.Code)}
	switch bad.Code {
	case upload.PDSDown:
		got.status, got.outcome = http.StatusServiceUnavailable, "failed"
	case upload.NotSupported:
		got.status = http.StatusUnsupportedMediaType
	}
	return got
}

// uploadedBefore returns the answer on record of the same file; nil when there is none. The same id on another file is
// refused: its answer would be about other rows.
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
			diagnostics: "Another file with this id is on record, as upload " + u.ID + ". Give every file an id of its own.",
		}
	}
	if len(u.Answer) == 0 {
		return nil, &problem{
			status: http.StatusConflict, code: "PRECONDITION_FAILED", issue: "conflict",
			diagnostics: "This file is on record since " + stamp(u.At) + ", as upload " + u.ID + ", and changes nothing again. Its answer is not kept any more.",
		}
	}
	return &answer{body: u.Answer, mediaType: mediaJSON, reason: again}, nil
}

// readUpload returns GET /la/uploads/{id}: the answer that a file got.
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
			diagnostics: "The answer to this upload of " + stamp(u.At) + " is not kept any more. The file is still on record.",
		}
	}
	return &answer{body: u.Answer, mediaType: mediaJSON}, nil
}
