package media

import "strings"

// A kind is what a file is, as far as anybody says.
type kind uint8

const (
	unknown kind = iota
	image
	video
	audio
	file
)

var replacements = [...]string{
	unknown: "[base64 image redacted]",
	image:   "[base64 image redacted]",
	video:   "[base64 video redacted]",
	audio:   "[base64 audio redacted]",
	file:    "[base64 file redacted]",
}

// A class is what the key of a member says about its value.
type class struct {
	role role
	kind kind
}

type role uint8

const (
	plain   role = iota
	encoded      // a file, in base64
	holder       // a file, or an object whose "url" is one
	link         // a file in an object that is a holder's value
	result       // a file if the object is an image_generation_call
	mime         // what the file beside it is
	format       // the same, by the name of a format
	typed        // what the object around it is
)

// classes are the keys that matter.
var classes = map[string]class{
	"data":        {encoded, unknown},
	"image":       {encoded, image},
	"video":       {encoded, video},
	"audio":       {encoded, audio},
	"audio_data":  {encoded, audio},
	"audioData":   {encoded, audio},
	"input_audio": {encoded, audio},
	"inline_data": {encoded, unknown},
	"inlineData":  {encoded, unknown},
	"file_data":   {encoded, file},
	"fileData":    {encoded, file},
	"b64_json":    {encoded, image},
	"image_url":   {holder, image},
	"imageUrl":    {holder, image},
	"video_url":   {holder, video},
	"videoUrl":    {holder, video},
	"url":         {link, unknown},
	"result":      {result, image},
	"mime_type":   {mime, unknown},
	"mimeType":    {mime, unknown},
	"media_type":  {mime, unknown},
	"mediaType":   {mime, unknown},
	"format":      {format, unknown},
	"type":        {typed, unknown},
}

// ofMime is the kind of a file of a MIME type.
func ofMime(t string) kind {
	switch {
	case strings.HasPrefix(t, "image/"):
		return image
	case strings.HasPrefix(t, "video/"):
		return video
	case strings.HasPrefix(t, "audio/"):
		return audio
	}
	return file
}

// ofFormat is the kind of a file whose format is said by MIME type or by name.
func ofFormat(name string) kind {
	switch name {
	case "wav", "mp3", "flac", "opus", "aac", "ogg", "pcm16", "pcm", "m4a":
		return audio
	case "mp4", "mov", "webm", "mpeg", "avi":
		return video
	case "png", "jpeg", "jpg", "gif", "webp", "heic", "bmp":
		return image
	}
	if strings.Contains(name, "/") {
		return ofMime(name)
	}
	return unknown
}
