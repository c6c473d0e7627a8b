package io.lockstep.agent.vfs;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.apache.commons.vfs2.FileName;
import org.apache.commons.vfs2.FileType;
import org.apache.commons.vfs2.provider.AbstractFileName;

/**
 * Names as bytes, as VFS's characters, and as parts of its URIs. VFS resolves a name as a URI, which gives a meaning to
 * colons, backslashes and percent signs; here a name is only ever a name.
 */
final class Names {
    private static final String PLAIN = "-._~";

    private final Charset charset;

    /** @param charset how a provider makes characters of a server's bytes */
    Names(Charset charset) {
        this.charset = charset;
    }

    /** What SFTP has: a character for each byte. */
    static final Names BYTES = new Names(StandardCharsets.ISO_8859_1);

    /** What others have: text. */
    static final Names TEXT = new Names(StandardCharsets.UTF_8);

    /**
     * The bytes of a name that a listing showed.
     *
     * @throws CharacterCodingException when the name shows that some of its bytes were lost
     */
    byte[] bytes(String name) throws CharacterCodingException {
        if (charset.equals(StandardCharsets.UTF_8) && name.indexOf('\uFFFD') >= 0) {
            throw new CharacterCodingException();
        }
        var encoder = charset.newEncoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        var buffer = encoder.encode(CharBuffer.wrap(name));
        var bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    /**
     * The name with these bytes as VFS has it.
     *
     * @throws CharacterCodingException when the provider has no such name
     */
    String text(byte[] name) throws CharacterCodingException {
        return charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)
                .decode(ByteBuffer.wrap(name))
                .toString();
    }

    /** The name of an entry in a directory. */
    static FileName child(FileName directory, String name) {
        var above = directory.getPath();
        var path = (above.equals("/") ? "" : above) + "/" + escaped(name);
        return ((AbstractFileName) directory).createName(path, FileType.FILE_OR_FOLDER);
    }

    /** With everything escaped that could mean something in a URI; what is beyond a byte never does. */
    static String escaped(String name) {
        var text = new StringBuilder(name.length() + 16);
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean isPlain = c > 0xff || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (isPlain || PLAIN.indexOf(c) >= 0) {
                text.append(c);
            } else {
                text.append('%').append(digit(c >> 4)).append(digit(c));
            }
        }
        return text.toString();
    }

    private static char digit(int value) {
        return Character.toUpperCase(Character.forDigit(value & 0xf, 16));
    }
}
