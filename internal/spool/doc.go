// Package spool keeps encoded events on disk until somebody says that they are settled, so
// that they outlive the process, and with it power failures.
//
// Several processes share one directory. Each appends to a log of its own, which it locks;
// the logs of processes that have ended are adopted by one that lives:
//
//	DIR/<created>-<pid>-<id>/lock            locked as long as somebody uses the log
//	DIR/<created>-<pid>-<id>/cursor          what is settled
//	DIR/<created>-<pid>-<id>/pad             where records land before they are moved
//	DIR/<created>-<pid>-<id>/<n>-<first>.seg segments of the log, in the order of n
//	DIR/<created>-<pid>-<id>-<n>.bad         segments that could not be read, at most 3
//
// The lock is the first thing in a log. Adopting makes none in an empty log that is younger
// than a minute: its process is about to.
//
// A segment is a header and records; integers are little endian, checksums CRC-32C:
//
//	header  "phspol" | version u16 | crc u32 of these 8 bytes
//	        created i64 µs | first u64 | log id u64 | crc u32 of these 24 bytes
//	record  length u32 | check of the length u16 | crc u32 | number u64 | payload
//	payload uuid [16]byte | accepted i64 µs | length of the name u16 | name | data
//
// The checksum of a record is seeded with the log's id and covers number and payload: a
// record that is damaged, or belongs to another log, is never taken for an event. A sound
// length leads past a damaged record; behind an unsound one the reader looks for the next
// record that is whole.
//
// Numbers count up by one from 1. A segment speaks for the numbers from its first to the
// least first of the segments behind it, so a segment whose fsync failed is superseded by
// writing its records again into the next. An event whose number a segment speaks for, and
// which it does not hold, is lost and is counted.
//
// The pad is a file of 512 KiB, mapped into memory: to copy a record to it costs no system
// call, and survives the end of the process all the same. It holds the header of a segment
// whose first number is 1, and records. They are moved to the segment when there are 256
// KiB of them, and before a sync, a read, the next segment, and the end; only what was moved is
// overwritten, from the beginning when the pad is full. So the records that are on it alone
// stand in a row in front of older ones, and whoever adopts the log takes the pad for one
// more segment, which speaks for the numbers behind all others. Fsync is for segments only:
// after a loss of power the pad may hold anything. There is none with the policy Each, in a
// log that was closed, and where it can not be made or mapped: each Append then writes to
// the segment, as one of more than 256 KiB does in any case.
//
// The cursor file has two slots of 4 KiB that are overwritten in turn, each with the
// settled numbers: a watermark and the runs beyond it. It never grows, so events can be
// settled when the disk is full. It is behind by as much as 100 ms; what that costs is an
// event sent twice, with the same uuid. It is synced before a segment is removed.
package spool
