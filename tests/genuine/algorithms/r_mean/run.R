# The mean of a column over all organizations, in R; it finds everything as in a container.

source("speech.R")

read_file <- function(variable) {
  path <- Sys.getenv(variable)
  readBin(path, "raw", file.size(path))
}

claims_of <- function(token) {
  text <- chartr("-_", "+/", strsplit(token, ".", fixed = TRUE)[[1]][2])
  padding <- strrep("=", (4 - nchar(text) %% 4) %% 4)
  fromJSON(rawToChar(base64_dec(paste0(text, padding))))
}

RPC_partial <- function(data, column) {
  list(sum = sum(data[[column]]), count = nrow(data))
}

mean_of_all <- function(client, column) {
  input <- list(
    master = FALSE, debug = FALSE, method = "partial", args = list(),
    kwargs = list(column = column), output_format = client$format
  )
  parts <- run_task(client, client$image, "subtask", input, client$format)
  cat("got", length(parts), "parts\n")
  list(mean = sum(sapply(parts, `[[`, "sum")) / sum(sapply(parts, `[[`, "count")))
}

new_client <- function(token, format) {
  address <- paste0(Sys.getenv("HOST"), ":", Sys.getenv("PORT"))
  client <- new_session(address, Sys.getenv("API_PATH"), token)
  claims <- claims_of(token)$sub
  client$image <- claims$image
  client$format <- format
  stopifnot(is.character(content(GET(paste0(client$api, "/version")))$version))
  set_collaboration(client, claims$collaboration_id)
  client
}

input <- read_payload(read_file("INPUT_FILE"))
data <- read.csv(Sys.getenv("DATABASE_URI"))
token <- rawToChar(read_file("TOKEN_FILE"))
format <- input$output_format
result <- tryCatch(
  if (input$master) {
    do.call(input$method, c(list(new_client(token, format)), input$args, input$kwargs))
  } else {
    do.call(paste0("RPC_", input$method), c(list(data), input$args, input$kwargs))
  },
  error = function(problem) list(error = conditionMessage(problem))
)
writeBin(write_payload(result, format), Sys.getenv("OUTPUT_FILE"))
