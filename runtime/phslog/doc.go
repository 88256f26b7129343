// Package phslog captures log records as exceptions of PostHog.
//
// A [Handler] stands before the one that writes the log:
//
//	logger := slog.New(phslog.New(slog.NewJSONHandler(os.Stderr, nil)))
//	logger.ErrorContext(ctx, "charging the card", "err", err, "order", order.ID)
//
// Every record goes to the wrapped handler first, unchanged. One of level Error or above
// ([Level]) is then captured as $exception too, for the user, session, groups and tags of
// the scope in its context; without a user it makes no person. The client is that of the
// scope, else the default one, and Config.CaptureExceptions or ph.CaptureExceptions must be
// on.
//
// # What an exception says
//
// If an attribute holds an error, that error is the exception, with its own type and its
// causes, and an error which was captured in the same scope before is not captured again.
// An attribute called "err" or "error", in any case, comes before others, those of the
// record before those of [slog.Logger.With]; groups are searched as well. Without an error
// the type is *phslog.Message. The record's message is the property $log_message, its level
// is $exception_level, its time that of the event, and the stack is that of the logging
// call.
//
// The other attributes become properties, those bound by With and WithGroup included, and
// groups become objects. Of two with one key the record's, then the one bound last, counts.
// Left out are keys that begin with $, which belong to PostHog, what nests deeper than 16
// groups, and what exceeds 100 attributes or 64 KiB of JSON. The texts of attributes whose
// name says password, token or the like are replaced ([Redact]); [ReplaceAttr] sets another
// rule.
//
// # What it never does
//
// Handle never waits for PostHog, even if Config.OnFull is Block or Config.Sync is set, and
// returns what the wrapped handler returned. Exceptions beyond about one a second of each
// type are not captured, after a burst of 49. A record is only forwarded if the client
// itself wrote it, or code that the client called: a callback such as Config.OnLost,
// Config.Transport, or what runs while a record is being captured. So a client may log
// through the handler that captures with it.
package phslog
