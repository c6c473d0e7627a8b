package io.lockstep.agent.peer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResponseHeadTest {
    @Test
    void readsUpToTheEmptyLineAndNotAByteMore() throws IOException {
        ByteArrayInputStream in =
                bytes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nCONNECTION:  Upgrade \r\n\r\nrest");

        ResponseHead head = ResponseHead.read(in);

        head.requireUpgrade("x");
        assertThat(head.status()).isEqualTo(101);
        assertThat(in.readAllBytes()).isEqualTo("rest".getBytes(ISO_8859_1));
    }

    @Test
    void another101IsNotTheProtocol() throws IOException {
        ResponseHead head =
                ResponseHead.read(bytes("HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"));
        assertThatThrownBy(() -> head.requireUpgrade("x")).isInstanceOf(ProtocolException.class);
    }

    @Test
    void whatIsNotHttpIsRefused() {
        for (String bad : List.of(
                "SSH-2.0-OpenSSH\r\n",
                "HTTP/1.0 101 x\r\n\r\n",
                "HTTP/1.1 1011 x\r\n\r\n",
                "HTTP/1.1 101 x\r\n folded: a\r\n\r\n",
                "HTTP/1.1 101 x\r\nspace : a\r\n\r\n",
                "HTTP/1.1 101 x\r\na: b\nc: d\r\n\r\n")) {
            assertThatThrownBy(() -> ResponseHead.read(bytes(bad))).as(bad).isInstanceOf(ProtocolException.class);
        }
        assertThatThrownBy(() -> ResponseHead.read(bytes("HTTP/1.1 101 x\r\na: b\r\n")))
                .isInstanceOf(EOFException.class);
    }

    @Test
    void aHeadWithoutEndIsCutOff() {
        assertThatThrownBy(() -> ResponseHead.read(bytes("HTTP/1.1 101 x\r\na: " + "b".repeat(20_000) + "\r\n\r\n")))
                .hasMessageContaining("larger than 16384");
    }

    @Test
    void aBodyIsReadAsFarAsItsLengthAndTheLimitAllow() throws IOException {
        ByteArrayInputStream in = bytes("HTTP/1.1 503 x\r\ncontent-length: 5\r\n\r\nhello and more");
        assertThat(ResponseHead.read(in).readBody(in)).hasSize(5);
        ByteArrayInputStream large = bytes("HTTP/1.1 503 x\r\ncontent-length: 999999999\r\n\r\n" + "x".repeat(100_000));
        assertThat(ResponseHead.read(large).readBody(large)).hasSize(65536);
    }

    private static ByteArrayInputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(ISO_8859_1));
    }
}
