/*
 * server.c - the only door to libmicrohttpd: reads requests whole, sends replies
 * at once, late, in pieces, cut off or not at all. Knows nothing of OAuth.
 */
#include "server.h"
#include "timer.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTION_LIMIT 60000u

struct server {
	struct MHD_Daemon *daemon;
	const struct service *service;
	bool counted; /* its connections and requests are in the stats */
};

struct connection {
	uint64_t n;
	bool spoke;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t requests_seen, connections_seen;

void provider_lock(void)
{
	pthread_mutex_lock(&mutex);
}

void provider_unlock(void)
{
	pthread_mutex_unlock(&mutex);
}

const char *request_header(const struct request *request, const char *name)
{
	if (!request->connection)
		return NULL;
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

struct query_taker {
	void (*take)(void *context, const char *name);
	void *context;
};

static enum MHD_Result query_name(void *cls, enum MHD_ValueKind kind, const char *name,
				  const char *value)
{
	const struct query_taker *taker = cls;

	(void)kind, (void)value;
	taker->take(taker->context, name);
	return MHD_YES;
}

void request_query_names(const struct request *request,
			 void (*take)(void *context, const char *name), void *context)
{
	struct query_taker taker = { take, context };

	MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, query_name, &taker);
}

void reply_header(struct request *request, const char *name, const char *value)
{
	struct header *header = pool_alloc(&request->pool, sizeof(*header));

	*header = (struct header){ request->reply.headers, name, value };
	request->reply.headers = header;
}

/* ---- connections ---- */

static void connection_notify(void *cls, struct MHD_Connection *mhd, void **context,
			      enum MHD_ConnectionNotificationCode code)
{
	struct server *server = cls;

	(void)mhd;
	provider_lock();
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		struct connection *connection = xalloc(sizeof(*connection));

		*context = connection;
		if (server->counted) {
			connection->n = ++connections_seen;
			stats.connections++;
			stats.open_connections++;
		}
	} else {
		stats.open_connections -= server->counted;
		free(*context);
		*context = NULL;
	}
	provider_unlock();
}

static void connection_of(struct request *request)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct connection *connection = info ? info->socket_context : NULL;

	if (!connection || !request->server->counted)
		return;
	request->conn = connection->n;
	request->n = ++requests_seen;
	stats.requests++;
	/* A request can only have come through a finished handshake. */
	stats.tls_connections += !connection->spoke;
	connection->spoke = true;
}

/* ---- requests ---- */

static void *request_begin(void *cls, const char *uri, struct MHD_Connection *mhd)
{
	struct request *request = xalloc(sizeof(*request));
	const char *query = strchr(uri, '?');

	request->t_in_ms = clock_boot_ms();
	request->server = cls;
	request->connection = mhd;
	request->endpoint = request->method = request->path = "";
	request->reply.cut = -1;
	request->reply.repeat = 1;
	if (query)
		form_parse(&request->pool, query + 1, strlen(query + 1), &request->query);
	provider_lock();
	connection_of(request);
	provider_unlock();
	return request;
}

static void request_leave(struct request *request)
{
	if (request->logged)
		return;
	request->logged = true;
	provider_lock();
	/*
	 * The time is taken before the first byte leaves: a client that waits from
	 * the moment it read the reply can then never look early.
	 */
	request->t_out_ms = clock_boot_ms();
	request->server->service->leaving(request);
	provider_unlock();
}

static void request_end(void *cls, struct MHD_Connection *mhd, void **context,
			enum MHD_RequestTerminationCode code)
{
	struct request *request = *context;

	(void)cls, (void)mhd, (void)code;
	if (!request)
		return;
	request->gone |= !request->logged;
	request_leave(request);
	if (request->quit)
		kill(getpid(), SIGTERM);
	buffer_free(&request->body);
	buffer_free(&request->reply.body);
	pool_free(&request->pool);
	free(request);
	*context = NULL;
}

static void request_body(struct request *request, const char *data, size_t size)
{
	if (request->body.size + size > request->server->service->body_limit)
		request->body_too_big = true;
	else
		buffer_add(&request->body, data, size);
}

/* ---- replies ---- */

static void request_wake(struct request *request)
{
	MHD_resume_connection(request->connection);
}

static void request_suspend(struct request *request, long delay_ms)
{
	MHD_suspend_connection(request->connection);
	timer_add(request, delay_ms);
}

/* A client that hung up while its reply was held back cannot have read it. */
static bool client_is_gone(const struct request *request)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct pollfd end = { .fd = info ? info->connect_fd : -1, .events = POLLRDHUP };

	return poll(&end, 1, 0) == 1 && (end.revents & (POLLRDHUP | POLLHUP | POLLERR));
}

/* Gives the body out as the reply's faults want it: repeated, dripping, cut off. */
static ssize_t body_read(void *cls, uint64_t position, char *to, size_t room)
{
	struct request *request = cls;
	const struct reply *reply = &request->reply;
	size_t at, size;

	if (reply->cut >= 0 && position >= (uint64_t)reply->cut)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (!reply->body.size ||
	    (reply->repeat >= 0 && position >= reply->body.size * (uint64_t)reply->repeat))
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (reply->drip_ms > 0) {
		room = 1;
		if (request->sent == position) {
			request->sent++;
			request_suspend(request, reply->drip_ms);
			return 0;
		}
	}
	at = (size_t)(position % reply->body.size);
	size = reply->body.size - at < room ? reply->body.size - at : room;
	if (reply->cut >= 0 && size > (uint64_t)reply->cut - position)
		size = (size_t)((uint64_t)reply->cut - position);
	memcpy(to, reply->body.data + at, size);
	return (ssize_t)size;
}

static struct MHD_Response *response_make(struct request *request)
{
	struct reply *reply = &request->reply;
	uint64_t size = MHD_SIZE_UNKNOWN;

	if (!reply->chunked && reply->cut < 0 && reply->repeat == 1 && !reply->drip_ms)
		return MHD_create_response_from_buffer(reply->body.size, reply->body.data,
						       MHD_RESPMEM_MUST_COPY);
	if (!reply->chunked && reply->repeat >= 0)
		size = reply->body.size * (uint64_t)reply->repeat;
	return MHD_create_response_from_callback(size, 16384, body_read, request, NULL);
}

static enum MHD_Result reply_send(struct request *request)
{
	struct reply *reply = &request->reply;
	struct MHD_Response *response;
	struct header *header;
	enum MHD_Result result;

	if (reply->drop)
		return MHD_NO;
	response = response_make(request);
	if (!response)
		return MHD_NO;
	if (reply->content_type)
		MHD_add_response_header(response, "Content-Type", reply->content_type);
	for (header = reply->headers; header; header = header->next)
		MHD_add_response_header(response, header->name, header->value);
	for (long i = 0; i < reply->padding; i++)
		MHD_add_response_header(response, "X-Padding", "x");
	if (reply->close)
		MHD_add_response_header(response, "Connection", "close");
	result = MHD_queue_response(request->connection, (unsigned int)reply->status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result request_handle(void *cls, struct MHD_Connection *mhd, const char *url,
				      const char *method, const char *version, const char *upload,
				      size_t *upload_size, void **context)
{
	struct request *request = *context;
	struct server *server = cls;

	(void)mhd, (void)version;
	if (!request->started) {
		request->started = true;
		request->method = pool_copy(&request->pool, method, strlen(method));
		request->path = pool_copy(&request->pool, url, strlen(url));
		return MHD_YES;
	}
	if (*upload_size) {
		request_body(request, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	if (!request->answered) {
		request->answered = true;
		provider_lock();
		server->service->answer(request);
		provider_unlock();
		if (request->reply.delay_ms > 0) {
			request->delayed = true;
			request_suspend(request, request->reply.delay_ms);
			return MHD_YES;
		}
	}
	request->gone |= request->delayed && client_is_gone(request);
	request_leave(request);
	return reply_send(request);
}

/* ---- servers ---- */

int listen_loopback(unsigned int *port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)*port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 8192) ||
	    getsockname(fd, (struct sockaddr *)&address, &size)) {
		close(fd);
		return -1;
	}
	*port = ntohs(address.sin_port);
	return fd;
}

struct server *server_start(const struct service *service, int socket, unsigned int threads,
			    const struct tls_identity *identity, const char *tls_priorities,
			    size_t room)
{
	struct server *server = xalloc(sizeof(*server));
	unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
	struct MHD_OptionItem bounds[] = {
		{ MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)room, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, identity ? identity->key_pem : NULL },
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, identity ? identity->certificate_pem : NULL },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)tls_priorities },
		{ MHD_OPTION_END, 0, NULL },
	};

	if (!identity)
		tls[0] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	if (!room)
		bounds[0] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	server->service = service;
	server->counted = identity != NULL;
	server->daemon = MHD_start_daemon(flags | (identity ? MHD_USE_TLS : 0), 0, NULL, NULL,
					  request_handle, server, MHD_OPTION_LISTEN_SOCKET, socket,
					  MHD_OPTION_URI_LOG_CALLBACK, request_begin, server,
					  MHD_OPTION_NOTIFY_COMPLETED, request_end, server,
					  MHD_OPTION_NOTIFY_CONNECTION, connection_notify, server,
					  MHD_OPTION_CONNECTION_LIMIT, CONNECTION_LIMIT,
					  MHD_OPTION_THREAD_POOL_SIZE, threads, MHD_OPTION_ARRAY,
					  tls, MHD_OPTION_ARRAY, bounds, MHD_OPTION_END);
	if (!server->daemon) {
		free(server);
		return NULL;
	}
	return server;
}

void server_stop(struct server *server)
{
	if (!server)
		return;
	MHD_stop_daemon(server->daemon);
	free(server);
}

/* The timer is this file's: only here is it known how a request is woken. */
void server_timer_start(void)
{
	timer_start(request_wake);
}
