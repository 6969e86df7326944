"""Ends TLS on port 443 and forwards the bytes: `tls_front.py CERTIFICATE HOST PORT`. The emulator has no TLS."""

import asyncio
import ssl
import sys
from asyncio import StreamReader, StreamWriter


async def pour(source: StreamReader, sink: StreamWriter) -> None:
    """Forward all bytes until the end, and then forward the end."""
    try:
        while block := await source.read(65536):
            sink.write(block)
            await sink.drain()
    except ConnectionError:
        pass
    finally:
        sink.close()


async def serve(certificate: str, host: str, port: str) -> None:
    """Serve until the container is removed."""

    async def meet(reader: StreamReader, writer: StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(host, int(port))
        await asyncio.gather(pour(reader, inner_writer), pour(inner_reader, writer))

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(meet, "0.0.0.0", 443, ssl=context)
    await server.serve_forever()


asyncio.run(serve(*sys.argv[1:]))
