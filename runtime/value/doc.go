// Package value appends Go values to a buffer as JSON that PostHog accepts.
//
// One defective event makes PostHog refuse the whole batch it arrives in, so
// nothing here can produce invalid JSON, invalid UTF-8, a number beyond the
// range of float64, or a lone surrogate; and no value can make it panic, loop or
// write without bound. No function changes the value it is given.
//
// Every function appends one JSON value to dst and returns the extended slice.
// None of them allocates but to grow dst, save [AppendAny] on values other than
// plain scalars.
package value
