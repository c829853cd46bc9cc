// What Argo CD's own cron and glob libraries make of sync windows, written to stdout as JSON:
// the answers that `golden.json` holds ours to. Run with the versions that argo-cd 3.5 names:
//
//	go mod init oracle
//	go get github.com/robfig/cron/v3@v3.0.2-0.20210106135023-bc59245fe10e github.com/gobwas/glob@v0.2.3
//	go run . > golden.json
package main

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand"
	"os"
	"time"
	_ "time/tzdata"

	"github.com/gobwas/glob"
	"github.com/robfig/cron/v3"
)

// Spans is when a window is on: looked at every 30 s, first 15 s after `From`.
type Spans struct {
	Schedule string   `json:"schedule"`
	Duration string   `json:"duration"`
	Zone     string   `json:"zone"`
	From     string   `json:"from"`
	Days     int      `json:"days"`
	Wrong    bool     `json:"wrong"`
	On       int      `json:"on"`
	Bits     string   `json:"bits"`
	First    []string `json:"first"`
}

type Duration struct {
	Text  string `json:"text"`
	Wrong bool   `json:"wrong"`
	Nanos int64  `json:"nanos"`
}

type Glob struct {
	Pattern string   `json:"pattern"`
	Wrong   bool     `json:"wrong"`
	Matches []string `json:"matches"`
}

// asked remembers the last start: the one after an instant is also that after any between the two.
type asked struct {
	schedule    cron.Schedule
	after, next time.Time
}

func (a *asked) Next(after time.Time) time.Time {
	same := a.next.After(after) || a.next.IsZero() && a.after.Year() == after.Year()
	if a.after.IsZero() || after.Before(a.after) || !same {
		a.after, a.next = after, a.schedule.Next(after)
	}
	return a.next
}

// on is (SyncWindow).active of argo-cd, at an instant.
func on(schedule *asked, duration time.Duration, zone *time.Location, at time.Time) bool {
	at = at.UTC()
	_, offset := at.In(zone).Zone()
	shift := time.Duration(offset) * time.Second
	return schedule.Next(at.Add(shift - duration)).Before(at.Add(shift))
}

func spans(schedule, duration, zone, from string, days int) Spans {
	told := Spans{Schedule: schedule, Duration: duration, Zone: zone, From: from, Days: days, First: []string{}}
	parsed, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(schedule)
	long, wrong := time.ParseDuration(duration)
	if err != nil || wrong != nil {
		told.Wrong = true
		return told
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	begin, err := time.Parse(time.RFC3339, from)
	if err != nil {
		panic(err)
	}
	hash, was := fnv.New64a(), false
	starts := &asked{schedule: parsed}
	for n := 0; n < days*2880; n++ {
		at := begin.Add(time.Duration(n)*30*time.Second + 15*time.Second)
		is := on(starts, long, loc, at)
		if is != was && len(told.First) < 6 {
			told.First = append(told.First, at.Format(time.RFC3339))
		}
		was = is
		if is {
			told.On++
			hash.Write([]byte{1})
		} else {
			hash.Write([]byte{0})
		}
	}
	told.Bits = fmt.Sprintf("%016x", hash.Sum64())
	return told
}

func main() {
	random := rand.New(rand.NewSource(7))
	pick := func(all ...string) string { return all[random.Intn(len(all))] }
	autumn, spring, leap, year := "2026-10-18T00:00:00Z", "2027-03-08T00:00:00Z", "2028-02-22T00:00:00Z", "2026-12-24T00:00:00Z"
	var told []Spans
	for _, zone := range []string{"", "UTC", "Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Chatham", "Nowhere/At-all"} {
		for _, from := range []string{autumn, spring} {
			told = append(told,
				spans("0 22 * * *", "8h", zone, from, 28),
				spans("30 2 * * *", "1h", zone, from, 28),
				spans("15 1 * * 0", "30m", zone, from, 28),
				spans("0 0 * * *", "24h", zone, from, 28))
		}
	}
	for _, schedule := range []string{
		"* * * * *", "*/5 * * * *", "5/10 * * * *", "0 9-17 * * mon-fri", "0 0 1,15 * 3", "0 0 */2 * 3", "0 0 */1 * 3",
		"0 0 1 * */2", "0 0 ? * 5", "0 0 * * ?", "0 0 29 2 *", "0 0 30 2 *", "0 0 31 */2 *", "59 23 31 12 *", "0 0 1 JAN *",
		", * * * *", "0,,30 * * * *", "*-5 * * * *", "+5 * * * *", "05 007 * * *", "10-20/3 4 * * *", "0 12 13 * FRI",
		"0 0 29 2 0", "@daily", "@every 1h", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7", "* * * *",
		"* * * * * *", "", " ", "a * * * *", "*/0 * * * *", "5-1 * * * *", "1-2-3 * * * *", "1/2/3 * * * *", "-1 * * * *",
		"*/99 * * * *", "0 0 * * sunday", "0 0 * jan-mar *", "0 0 * * sat-sun", "\t0  3 * * 1\n", "1-? * * * *", "/5 * * * *",
		"0/ * * * *", "99999999999999999999 * * * *", "0 0 L * *", "0 0 * * 1#2",
	} {
		for _, from := range []string{leap, year} {
			told = append(told, spans(schedule, "90m", "Europe/Amsterdam", from, 14))
		}
	}
	for _, duration := range []string{"0", "-1h", "90s", "1m30s", "40s", "36h", "240h", "9000h", "100000h", "2000000h"} {
		for _, schedule := range []string{"0 22 * * *", "* * * * *", "0 0 29 2 *", "0 0 30 2 *", "0 3 1 1 *"} {
			told = append(told, spans(schedule, duration, "America/New_York", year, 20))
		}
	}
	field := func(low, high int) string {
		number := func() string { return fmt.Sprint(low + random.Intn(high-low+1)) }
		part := func() string {
			switch random.Intn(7) {
			case 0, 1:
				return "*"
			case 2:
				return pick("*", "?") + "/" + fmt.Sprint(1+random.Intn(high))
			case 3:
				return number() + "-" + number()
			case 4:
				return number() + "-" + number() + "/" + fmt.Sprint(1+random.Intn(5))
			}
			return number()
		}
		all := part()
		for random.Intn(3) == 0 {
			all += "," + part()
		}
		return all
	}
	for n := 0; n < 250; n++ {
		schedule := field(0, 59) + " " + field(0, 23) + " " + field(1, 31) + " " + field(1, 12) + " " + field(0, 6)
		zone := pick("UTC", "Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "America/St_Johns")
		duration := pick("1h", "45m", "12h", "3h30m", "30h", "200h")
		told = append(told, spans(schedule, duration, zone, pick(autumn, spring, leap, year), 16))
	}
	var durations []Duration
	for _, text := range []string{"", "0", "+0", "-0", "1", "1h", "-1h", "+1h", "1.5h", ".5h", "1.h", ".", "h", "-", "1h30m", "1h 30m", "1d",
		"100ms", "1us", "1µs", "1μs", "7ns", "1m1m", "9223372036854775807ns", "9223372036854775808ns", "2562047h", "2562048h",
		"1.0000000001s", "0.3333333333333333333h", "--1h", "1H", "1e3s", " 1h"} {
		long, err := time.ParseDuration(text)
		durations = append(durations, Duration{text, err != nil, int64(long)})
	}
	var globs []Glob
	names := []string{"api", "api-prod", "web-prod", "prod", "a", "b", "ab", "abc", "a*c", "a-c", "a/b", "https://k8s.example:6443", "in-cluster", "é", "x]y", "{a}", "a,b", "!a", "^a", "a}", "]", "-", "ac", "aXc"}
	for _, pattern := range []string{"*", "**", "?", "??", "api", "*-prod", "api*", "a*c", "a?c", "[ab]", "[!ab]", "[^ab]", "[a-c]", "[!a-c]", "[a-cx]", "[a-c", "[]", "[!]",
		"{api,web}-prod", "{api,web*}", "{a,b,}", "{a", "a}", "{a,{b,abc}}", "{}", "a\\*c", "a\\", "*/*", "https://*", "a[-]c", "[a-]", "[-a]", "a,b", "\\{a\\}", "x\\]y", "x]y", "{[ab],api}", "*é", "!a", "[a,b]", "{a-c,a}", "[\\]]", "***", "*a*"} {
		told := Glob{Pattern: pattern, Matches: []string{}}
		compiled, err := glob.Compile(pattern)
		if err != nil {
			told.Wrong = true
		} else {
			for _, name := range names {
				if compiled.Match(name) {
					told.Matches = append(told.Matches, name)
				}
			}
		}
		globs = append(globs, told)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	if err := out.Encode(map[string]any{"spans": told, "durations": durations, "globs": globs, "names": names}); err != nil {
		panic(err)
	}
}
