package io.lockstep.agent.gateway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Makes ZIP archives, well and badly made. */
final class Archives {
    static final String ARTIFACTS = "<artifacts><artifact name=\"a\" version=\"1\" type=\"synapse/api\"/></artifacts>";

    private Archives() {}

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A carbon application as the tools make it. */
    static byte[] application() {
        var entries = new LinkedHashMap<String, byte[]>();
        entries.put("artifacts.xml", bytes(ARTIFACTS));
        entries.put("a_1.0.0/", new byte[0]);
        entries.put("a_1.0.0/artifact.xml", bytes("<artifact name=\"a\"/>".repeat(50)));
        entries.put("a_1.0.0/a.xml", bytes("<api name=\"a\"/>".repeat(200)));
        return archive(entries, "");
    }

    static byte[] archive(Map<String, byte[]> entries, String comment) {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            zip.setComment(comment);
            for (var entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** One stored entry with all sizes and the directory's place in 64 bits, as large archives have them. */
    static byte[] wide(String name, byte[] content) {
        var crc = new CRC32();
        crc.update(content);
        var raw = bytes(name);
        var out = ByteBuffer.allocate(400 + 2 * raw.length + content.length).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(0x04034b50).putShort((short) 45).putShort((short) 0).putShort((short) 0);
        out.putInt(0).putInt((int) crc.getValue()).putInt(content.length).putInt(content.length);
        out.putShort((short) raw.length).putShort((short) 0).put(raw).put(content);
        int directory = out.position();
        out.putInt(0x02014b50)
                .putShort((short) 45)
                .putShort((short) 45)
                .putShort((short) 0)
                .putShort((short) 0);
        out.putInt(0).putInt((int) crc.getValue()).putInt(-1).putInt(-1);
        out.putShort((short) raw.length)
                .putShort((short) 28)
                .putShort((short) 0)
                .putShort((short) 0);
        out.putShort((short) 0).putInt(0).putInt(-1).put(raw);
        out.putShort((short) 1)
                .putShort((short) 24)
                .putLong(content.length)
                .putLong(content.length)
                .putLong(0);
        int end = out.position();
        out.putInt(0x06064b50)
                .putLong(44)
                .putShort((short) 45)
                .putShort((short) 45)
                .putInt(0)
                .putInt(0);
        out.putLong(1).putLong(1).putLong(end - directory).putLong(directory);
        out.putInt(0x07064b50).putInt(0).putLong(end).putInt(1);
        out.putInt(0x06054b50)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort((short) -1)
                .putShort((short) -1);
        out.putInt(-1).putInt(-1).putShort((short) 0);
        return java.util.Arrays.copyOf(out.array(), out.position());
    }
}
