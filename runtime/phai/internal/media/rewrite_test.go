package media

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

var long = strings.Repeat("QUJD", 60)

func TestAppend(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{` {"a" : [1, -2.5e3, true, null, "x\/y"], "b":{} , "c" : [] } `, `{"a":[1,-2.5e3,true,null,"x/y"],"b":{},"c":[]}`},
		{`"data:image/png;base64,QUJD"`, `"[base64 image redacted]"`},
		{`"data:audio\/wav;base64,QUJD"`, `"[base64 audio redacted]"`},
		{`"\u0064ata:video/mp4;base64,QUJD"`, `"[base64 video redacted]"`},
		{`"data:application/pdf;name=a;base64,QUJD"`, `"[base64 file redacted]"`},
		{`"data:image/png;base64,"`, `"[base64 image redacted]"`},
		{`"data:text/plain,hello"`, `"data:text/plain,hello"`},
		{`"See ![](data:image/png;base64,QUJD=) and data:audio/mp3;base64,QUJD."`,
			`"See ![]([base64 image redacted]) and [base64 audio redacted]."`},
		{`"a\ndata:;base64,Q b data:;base64,Q c"`, `"a\n[base64 file redacted] b [base64 file redacted] c"`},
		{`"data: is a word, and so is ;base64,"`, `"data: is a word, and so is ;base64,"`},
		{`{"data":"` + long + `"}`, `{"data":"[base64 image redacted]"}`},
		{`{"data":"` + long[:199] + `"}`, `{"data":"` + long[:199] + `"}`},
		{`{"data":"` + long + `=="}`, `{"data":"[base64 image redacted]"}`},
		{`{"data":"` + long + `==="}`, `{"data":"` + long + `==="}`},
		{`{"data":["` + long + `"]}`, `{"data":["[base64 image redacted]"]}`},
		{`{"data":{"other":"` + long + `"}}`, `{"data":{"other":"` + long + `"}}`},
		{`{"text":"` + long + `"}`, `{"text":"` + long + `"}`},
		{`{"url":"` + long + `"}`, `{"url":"` + long + `"}`},
		{`{"image_url":"` + long + `"}`, `{"image_url":"[base64 image redacted]"}`},
		{`{"image_url":{"url":"` + long + `"}}`, `{"image_url":{"url":"[base64 image redacted]"}}`},
		{`{"videoUrl":{"url":"` + long + `"}}`, `{"videoUrl":{"url":"[base64 video redacted]"}}`},
		{`{"file_data":"` + long + `"}`, `{"file_data":"[base64 file redacted]"}`},
		{`{"mime_type":"audio/wav","data":"` + long + `"}`, `{"mime_type":"audio/wav","data":"[base64 audio redacted]"}`},
		{`{"data":"` + long + `", "n":[{"}":"]"}], "mediaType" : "application/pdf"}`,
			`{"data":"[base64 file redacted]","n":[{"}":"]"}],"mediaType":"application/pdf"}`},
		{`{"input_audio":{"data":"` + long + `","format":"wav"}}`, `{"input_audio":{"data":"[base64 audio redacted]","format":"wav"}}`},
		{`{"input_audio":{"data":"` + long + `"}}`, `{"input_audio":{"data":"[base64 audio redacted]"}}`},
		{`{"type":"image_generation_call","result":"` + long + `"}`, `{"type":"image_generation_call","result":"[base64 image redacted]"}`},
		{`{"result":"` + long + `","x":1,"type":"image_generation_call"}`, `{"result":"[base64 image redacted]","x":1,"type":"image_generation_call"}`},
		{`{"type":"other","result":"` + long + `"}`, `{"type":"other","result":"` + long + `"}`},
		{`"a\u0000b\ud83d\ude00\ud83dc\u00e9\u0041\u0022\u005c\u000a` + "\xff" + `"`, `"ab\ud83d\ude00` + "\uFFFD" + `c\u00e9A\"\\\u000a` + "\uFFFD" + `"`},
	} {
		if got, ok := Append(nil, []byte(test.in), 0); !ok || string(got) != test.want {
			t.Errorf("%.80s\ngot  %s (%t)\nwant %s", test.in, got, ok, test.want)
		}
		buf := []byte("before" + test.in)
		if got, ok := InPlace(buf, 6, 6, 0); !ok || string(got[6:]) != test.want {
			t.Errorf("in place: %.80s\ngot  %s (%t)\nwant %s", test.in, got[6:], ok, test.want)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	for _, in := range []string{
		"", " ", "{", "[1,]", `{"a"}`, `{"a":1,}`, `{1:2}`, `"a`, `"\x"`, `"\u12"`, `"\`, "\"a\nb\"", "1e999", "01", "tru", "1 2", "-",
		strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1), `{"result":"` + long + `"`, `{"data":"` + long + `",`,
	} {
		if got, ok := Append([]byte("x"), []byte(in), 0); ok || string(got) != "x" {
			t.Errorf("%q: got %q, %t", in, got, ok)
		}
	}
}

func TestCut(t *testing.T) {
	for _, test := range []struct {
		in, want string
	}{
		{`"abcde"`, `"abcde"`},
		{`"abcdef"`, `"abcde... [truncated]"`},
		{`"äöüßéx"`, `"äöüßé... [truncated]"`},
		{`"\n\u00e9\ud83d\ude00\"\\z"`, `"\n\u00e9\ud83d\ude00\"\\... [truncated]"`},
		{`{"longer key":"ok"}`, `{"longer key":"ok"}`},
		{`"data:image/png;base64,QUJD"`, `"[base64 image redacted]"`},
	} {
		if got, ok := Append(nil, []byte(test.in), 5); !ok || string(got) != test.want {
			t.Errorf("%s: got %s (%t), want %s", test.in, got, ok, test.want)
		}
		if got, ok := InPlace([]byte(test.in), 0, 0, 5); !ok || string(got) != test.want {
			t.Errorf("in place: %s: got %s (%t), want %s", test.in, got, ok, test.want)
		}
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "short": "short", long[:199]: long[:199], long: "[base64 file redacted]",
		`{"a":"` + long + `==","b":"` + strings.Repeat(`AB\/+`, 50) + `" and`: `{"a":"[base64 file redacted]==","b":"[base64 file redacted]" and`,
	} {
		if got := Text(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

// files returns the paths of v at which there is a file.
func files(path string, v any, key, parent string) (found []string) {
	switch v := v.(type) {
	case string:
		c := classes[key]
		under := c.role == encoded || c.role == holder || c.role == link && classes[parent].role == holder
		if isDataURL(v) || under && isBase64([]byte(v)) {
			found = append(found, path)
		}
	case []any:
		for i, item := range v {
			found = append(found, files(fmt.Sprintf("%s[%d]", path, i), item, key, parent)...)
		}
	case map[string]any:
		for k, item := range v {
			found = append(found, files(path+"."+k, item, k, key)...)
		}
	}
	return found
}

func FuzzAppend(f *testing.F) {
	f.Add([]byte(`{"data":"`+long+`","mime_type":"audio/wav"}`), 0)
	f.Add([]byte(`[{"image_url":{"url":"data:image/png;base64,QUJD"}},"x data:;base64,Q y"]`), 3)
	f.Add([]byte(`{"result":"`+long+`","type":"image_generation_call","\u0064ata":["\/`+long+`"]}`), 100)
	f.Add([]byte(`"a\u0000\ud83d\ude00\ud83d\/`+"\xff\xfe"+`"`), 2)
	f.Fuzz(func(t *testing.T, in []byte, most int) {
		most = max(most, 0)
		before := bytes.Clone(in)
		got, ok := Append(nil, in, most)
		if !bytes.Equal(in, before) {
			t.Fatal("it changed what it was given")
		}
		moved, same := InPlace(append([]byte("xy"), in...), 1, 2, most)
		if ok != same || ok && !bytes.Equal(moved[1:], got) {
			t.Fatalf("in place: got %q (%t), want %q (%t)", moved[1:], same, got, ok)
		}
		if !ok {
			return
		}
		if !json.Valid(got) {
			t.Fatalf("got %q of %q", got, in)
		}
		var v any
		if err := json.Unmarshal(got, &v); err != nil {
			t.Fatal(err)
		}
		if found := files("", v, "", ""); len(found) > 0 {
			t.Fatalf("files at %q in %q of %q", found, got, in)
		}
		if most > 0 && most < 30 {
			return // what stands for a file may be cut
		}
		if again, ok := Append(nil, got, most); !ok || !bytes.Equal(again, got) {
			t.Fatalf("once more: got %q (%t), want %q", again, ok, got)
		}
	})
}

// isDataURL reports whether v is a data URL in base64 and nothing else.
func isDataURL(v string) bool {
	head, _, ok := strings.Cut(v, ";base64,")
	return ok && strings.HasPrefix(head, "data:") && !strings.ContainsAny(head, " ,[]\"\\<>\n\r\t\b\f") && strings.IndexFunc(head, func(c rune) bool { return c < ' ' }) < 0
}

func BenchmarkAppend(b *testing.B) {
	text := strings.Repeat("The quick brown fox jumps over the lazy dog.\\n", 4<<20/46)
	for _, test := range []struct{ name, in string }{
		{"text", `[{"role":"user","content":"` + text + `"}]`},
		{"plain", `[{"role":"user","content":"` + strings.ReplaceAll(text, `\n`, "  ") + `"}]`},
		{"image", `[{"image_url":{"url":"data:image/png;base64,` + strings.Repeat("QUJD", 1<<20) + `"}}]`},
		{"data", `[{"source":{"data":"` + strings.Repeat("QUJD", 1<<20) + `"}}]`},
		{"small", `[{"role":"user","content":"Summarise ticket 7."},{"role":"user","content":[{"type":"text","text":"And \"this\"."}]}]`},
	} {
		b.Run(test.name, func(b *testing.B) {
			in := []byte(test.in)
			dst := make([]byte, 0, len(in)+64)
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := Append(dst, in, 0); !ok {
					b.Fatal("refused")
				}
			}
		})
	}
}
