package io.lockstep.agent.rsync;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A byte stream over a TCP socket; {@link #pair} joins two over loopback. */
record Loopback(Socket socket, InputStream input, OutputStream output) implements ByteStream {
    /** The two ends of one connection. */
    record Pair(Loopback puller, Loopback server) {}

    static Loopback of(Socket socket) throws IOException {
        return new Loopback(socket, socket.getInputStream(), socket.getOutputStream());
    }

    static Pair pair(boolean noDelay) throws IOException {
        try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var near = new Socket(listener.getInetAddress(), listener.getLocalPort());
            var far = listener.accept();
            near.setTcpNoDelay(noDelay);
            far.setTcpNoDelay(noDelay);
            return new Pair(of(near), of(far));
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
