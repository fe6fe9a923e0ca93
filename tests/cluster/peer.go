// peer.go: the cluster program's inserts and lists on Go's net/http/fcgi with go-sql-driver, both of Debian, and as many
// connections as the other programs have workers. Listens on a unix socket.
//
//	peer SOCKET DSN CONNECTIONS
package main

import (
	"database/sql"
	"encoding/json"
	"log"
	"net"
	"net/http"
	"net/http/fcgi"
	"os"
	"strconv"

	_ "github.com/go-sql-driver/mysql"
)

type note struct {
	Id   int64  `json:"id"`
	Word string `json:"word"`
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func answer(w http.ResponseWriter, status int, body interface{}) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

func main() {
	connections, err := strconv.Atoi(os.Args[3])
	must(err)
	db, err := sql.Open("mysql", os.Args[2])
	must(err)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	insert, err := db.Prepare("INSERT INTO people (name, epoch) VALUES (?, 1)")
	must(err)
	list, err := db.Prepare("SELECT id, word FROM notes ORDER BY id LIMIT 20")
	must(err)
	http.HandleFunc("/people", func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Name string }
		if json.NewDecoder(r.Body).Decode(&body) != nil || body.Name == "" || len(body.Name) > 100 {
			answer(w, 422, struct{}{})
			return
		}
		done, err := insert.Exec(body.Name)
		if err != nil {
			answer(w, 503, struct{}{})
			return
		}
		id, _ := done.LastInsertId()
		answer(w, 201, map[string]interface{}{"id": id, "token": "none"}) // it signs none
	})
	http.HandleFunc("/notes", func(w http.ResponseWriter, r *http.Request) {
		rows, err := list.Query()
		if err != nil {
			answer(w, 503, struct{}{})
			return
		}
		defer rows.Close()
		notes := []note{}
		for rows.Next() {
			var n note
			must(rows.Scan(&n.Id, &n.Word))
			notes = append(notes, n)
		}
		answer(w, 200, notes)
	})
	listener, err := net.Listen("unix", os.Args[1])
	must(err)
	must(fcgi.Serve(listener, nil))
}
