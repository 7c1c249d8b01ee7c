-- A person's receipt of a check or an opening is found by the id of that request. Other requests have no receipts.
CREATE INDEX audit_request ON audit (request_id, seq)
  WHERE action IN ('see whether there is an alert', 'open an alert', 'open an alert in scheduled care');
