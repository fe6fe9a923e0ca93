// main.go: the benchmark's requests on Go's net/http with jwt-go and go-sql-driver from Debian.
package main

import (
	"database/sql"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/dgrijalva/jwt-go"
	_ "github.com/go-sql-driver/mysql"
)

func answer(w http.ResponseWriter, status int, body interface{}) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

func main() {
	secret := []byte(os.Getenv("BENCH_SECRET"))
	db, err := sql.Open("mysql", "root@unix("+os.Getenv("BENCH_SOCKET")+")/bench")
	if err != nil {
		panic(err)
	}
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(8)
	user, err := db.Prepare("SELECT id, name FROM users WHERE id = ?")
	if err != nil {
		panic(err)
	}
	http.HandleFunc("/hello", func(w http.ResponseWriter, r *http.Request) {
		answer(w, 200, map[string]string{"hello": "world"})
	})
	http.HandleFunc("/api/v1/token", func(w http.ResponseWriter, r *http.Request) {
		now := time.Now().Unix()
		token := jwt.NewWithClaims(jwt.SigningMethodHS256,
			jwt.MapClaims{"table_name": "users", "id": 1, "iat": now, "exp": now + 86400})
		text, _ := token.SignedString(secret)
		answer(w, 200, map[string]string{"token": text})
	})
	parser := jwt.Parser{ValidMethods: []string{"HS256"}}
	http.HandleFunc("/api/v1/me", func(w http.ResponseWriter, r *http.Request) {
		claims := jwt.MapClaims{}
		text := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		_, err := parser.ParseWithClaims(text, claims,
			func(*jwt.Token) (interface{}, error) { return secret, nil })
		var row struct {
			Id   int64  `json:"id"`
			Name string `json:"name"`
		}
		if err != nil || user.QueryRow(claims["id"]).Scan(&row.Id, &row.Name) != nil {
			answer(w, 401, struct{}{})
			return
		}
		answer(w, 200, row)
	})
	listener, err := net.Listen("unix", os.Getenv("BENCH_LISTEN"))
	if err != nil {
		panic(err)
	}
	http.Serve(listener, nil)
}
