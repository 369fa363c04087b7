# A user of R: logs in, looks around, sends tasks in each form of payload.
# Arguments: folder of speech.R, host, API path, username, password, image, an expired
# token, file for the answers.

given <- commandArgs(trailingOnly = TRUE)
source(file.path(given[1], "speech.R"))
image <- given[6]

session <- new_session(given[2], given[3])
stopifnot(is.character(ask(session, "/version")$version))
login <- send(session, POST, paste0(session$api, "/token/user"),
              list(username = given[4], password = given[5]))
session$token <- login$access_token
session$refresh_token <- login$refresh_token
session$refresh_url <- login$refresh_url

user <- send(session, GET, paste0(session$host, login$user_url))
own <- ask(session, sprintf("/organization/%i", user$organization$id))
collaborations <- lapply(own$collaborations, function(each) {
  send(session, GET, paste0(session$host, each$link))
})
set_collaboration(session, own$collaborations[[1]]$id)

run <- function(master, method, format, ...) {
  input <- list(
    master = master, debug = FALSE, method = method, args = list(), kwargs = list(...),
    output_format = format
  )
  run_task(session, image, "a task", input, format)
}

seen <- list(
  collaborations = lapply(collaborations, `[[`, "name"),
  json = run(FALSE, "partial", "json", column = "age"),
  rds = run(FALSE, "partial", "rds", column = "age"),
  bare = run(FALSE, "partial", NULL, column = "age")
)
session$organizations <- list(user$organization$id)
seen$wrong <- run(FALSE, "nothing", "json", column = "age")
seen[["master json"]] <- run(TRUE, "mean_of_all", "json", column = "age")
seen[["master bare"]] <- run(TRUE, "mean_of_all", NULL, column = "age")
session$token <- given[7]
seen$name <- send(session, GET, paste0(session$host, login$user_url))$username
seen$refreshed <- isTRUE(session$refreshed)
writeLines(toJSON(seen, auto_unbox = TRUE, digits = 15), given[8])
