// fastify.js: the benchmark's requests on Fastify with @fastify/jwt and mysql2, one worker.
"use strict";
const fastify = require("fastify")({ logger: false });
const pool = require("mysql2/promise").createPool({
  socketPath: process.env.BENCH_SOCKET, user: "root", database: "bench", connectionLimit: 8,
});
fastify.register(require("@fastify/jwt"), { secret: process.env.BENCH_SECRET });
fastify.get("/hello", async () => ({ hello: "world" }));
fastify.get("/api/v1/me", async (request, reply) => {
  try {
    await request.jwtVerify();
  } catch (error) {
    return reply.code(401).send({});
  }
  const [rows] = await pool.execute("SELECT id, name FROM users WHERE id = ?", [request.user.id]);
  return rows[0];
});
fastify.get("/api/v1/token", async () => ({
  token: fastify.jwt.sign({ table_name: "users", id: 1 }, { expiresIn: "1d" }),
}));
fastify.listen({ path: process.env.BENCH_LISTEN });
