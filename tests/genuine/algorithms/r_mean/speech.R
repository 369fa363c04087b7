# How R's client and R's algorithms speak with a server: payloads, requests, tasks.
# The same calls in the same order as those of vtg, made by httr as there.

library(httr)
library(jsonlite)

# --- payloads: `json.` or `rds.` before them, or nothing before what serialize() gives -----------

starts_with <- function(bytes, prefix) {
  prefix <- charToRaw(prefix)
  length(bytes) >= length(prefix) && all(bytes[seq_along(prefix)] == prefix)
}

read_payload <- function(bytes) {
  if (starts_with(bytes, "json.")) {
    return(fromJSON(rawToChar(bytes[-(1:5)]), simplifyVector = FALSE))
  }
  if (starts_with(bytes, "rds.")) bytes <- bytes[-(1:4)]
  unserialize(bytes)
}

write_payload <- function(value, format) {
  if (is.null(format)) return(serialize(value, NULL))
  if (format == "json") {
    return(charToRaw(paste0("json.", toJSON(value, auto_unbox = TRUE, digits = 15, null = "null"))))
  }
  c(charToRaw("rds."), serialize(value, NULL))
}

# --- requests ------------------------------------------------------------------------------------

# A session: where the server is, and the tokens. `paths` as the server gives them count from `host`.
new_session <- function(host, api_path, token = NULL) {
  session <- new.env()
  session$host <- host
  session$api <- paste0(host, api_path)
  session$token <- token
  session
}

bearer <- function(token) if (is.null(token)) NULL else add_headers(Authorization = paste("Bearer", token))

send <- function(session, method, url, body = NULL) {
  send_once <- function() {
    if (is.null(body)) method(url, bearer(session$token))
    else method(url, bearer(session$token), body = body, encode = "json")
  }
  answer <- send_once()
  if (!status_code(answer) %in% c(200, 201, 202) && !is.null(session$refresh_url)) {
    refresh(session)
    answer <- send_once()
  }
  stop_for_status(answer)
  stopifnot(http_type(answer) == "application/json")
  content(answer)
}

ask <- function(session, path) send(session, GET, paste0(session$api, path))

refresh <- function(session) {
  answer <- POST(paste0(session$host, session$refresh_url), bearer(session$refresh_token))
  stop_for_status(answer)
  session$token <- content(answer)$access_token
  session$refreshed <- TRUE
}

# --- what both do --------------------------------------------------------------------------------

# The organizations of a collaboration, whose keys are decoded before anything is sent to them.
set_collaboration <- function(session, id) {
  collaboration <- ask(session, sprintf("/collaboration/%i", id))
  stopifnot(is.logical(collaboration$encrypted))
  session$collaboration <- id
  session$organizations <- lapply(collaboration$organizations, function(each) {
    organization <- ask(session, sprintf("/organization/%i", each$id))
    stopifnot(is.character(organization$public_key))
    base64_dec(organization$public_key)
    organization$id
  })
}

run_task <- function(session, image, name, input, format) {
  text <- base64_enc(write_payload(input, format))
  task <- send(session, POST, paste0(session$api, "/task"), list(
    name = name, image = image, master = input$master, collaboration_id = session$collaboration,
    organizations = lapply(session$organizations, function(id) list(id = id, input = text)),
    description = ""
  ))
  repeat {
    shown <- ask(session, sprintf("/task/%i", task$id))
    stopifnot(is.logical(shown$complete))
    if (shown$complete) break
    Sys.sleep(0.1)
  }
  rows <- ask(session, sprintf("/task/%i/result", task$id))
  lapply(rows, function(row) read_payload(base64_dec(row$result)))
}
