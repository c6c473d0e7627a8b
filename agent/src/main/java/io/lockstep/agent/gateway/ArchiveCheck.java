package io.lockstep.agent.gateway;

import io.lockstep.generation.HeldBack.Why;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Whether content is a whole ZIP archive that a Gateway can unpack: the central directory is complete, each entry's own
 * header stands where the directory says, its bytes lie before the directory, and no name climbs out. A carbon
 * application has an {@code artifacts.xml} that is well-formed. Entries' bytes are not unpacked otherwise.
 *
 * <p>The directory is walked through a buffer of 64 KiB. {@code java.util.zip.ZipFile}, Commons Compress and Commons
 * VFS's {@code zip:} (which uses the former) each take the whole directory into memory first, whose size is for the
 * content to say; and VFS resolves names, so that one that climbs out is not seen as such. What is valid here,
 * {@code ZipFile} opens, save for damaged extra fields, which JDKs before 17.0.8 pass over.
 */
final class ArchiveCheck {
    /** An archive with more entries is refused; a large web application has some ten thousand. */
    static final int MAX_ENTRIES = 1_000_000;

    private static final String ARTIFACTS = "artifacts.xml";
    private static final int MAX_ARTIFACTS_BYTES = 1024 * 1024;
    private static final int DIRECTORY_BUFFER = 64 * 1024;
    private static final int ENTRY_BUFFER = 4 * 1024;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;

    private final ArchiveBytes directory;
    private final ArchiveBytes bytes;
    private Optional<ArchiveEntry> artifacts = Optional.empty();

    private ArchiveCheck(Content content) {
        directory = new ArchiveBytes(content, DIRECTORY_BUFFER);
        // Another buffer for the entries, which lie far from the directory.
        bytes = new ArchiveBytes(content, ENTRY_BUFFER);
    }

    static Verdict check(Content content, boolean isCarbonApplication) throws IOException {
        if (content.sizeBytes() == 0) {
            return invalid("it is empty");
        }
        var check = new ArchiveCheck(content);
        var end = ArchiveEnd.find(check.directory);
        if (end.isEmpty()) {
            return invalid("its end is missing: it was cut, or it is no ZIP archive");
        }
        var problem = check.walk(end.get());
        if (problem.isPresent()) {
            return invalid(problem.get());
        }
        return isCarbonApplication ? check.artifacts(end.get()) : new Verdict.Valid();
    }

    /** What is wrong with the directory. */
    private Optional<String> walk(ArchiveEnd end) throws IOException {
        long count = 0;
        long packed = 0;
        for (long at = end.directoryStart(); at < end.directoryEnd(); count++) {
            var found = ArchiveEntry.read(directory, at, end.directoryEnd());
            if (found.isEmpty()) {
                return Optional.of("its directory is damaged at entry " + (count + 1));
            }
            if (count >= MAX_ENTRIES) {
                return Optional.of("it has more than " + MAX_ENTRIES + " entries");
            }
            var entry = found.get();
            var problem = problem(entry, end);
            if (problem.isPresent()) {
                return Optional.of("its entry '" + entry.shown() + "' " + problem.get());
            }
            packed += entry.packedBytes();
            if (packed > end.directoryStart()) {
                return Optional.of("its entries overlap");
            }
            if (entry.isCalled(ARTIFACTS)) {
                artifacts = Optional.of(entry);
            }
            at += entry.lengthBytes();
        }
        long said = end.wide() ? count : count & 0xffff;
        return said == end.entries()
                ? Optional.empty()
                : Optional.of("its directory has " + count + " entries and says " + end.entries());
    }

    private Optional<String> problem(ArchiveEntry entry, ArchiveEnd end) throws IOException {
        if (entry.climbsOut()) {
            return Optional.of("climbs out of the archive");
        }
        if (!entry.isUtf8()) {
            return Optional.of("has a name that is not UTF-8");
        }
        if (entry.encrypted()) {
            return Optional.of("is encrypted");
        }
        if (entry.method() != STORED && entry.method() != DEFLATED) {
            return Optional.of("is packed by a method that Java does not know (" + entry.method() + ")");
        }
        long local = entry.local() + end.base();
        if (entry.local() < 0
                || entry.packedBytes() < 0
                || local < 0
                || local > end.directoryStart() - ArchiveEntry.LOCAL_HEADER_BYTES
                || bytes.u32(local) != ArchiveEntry.LOCAL_SIGNATURE) {
            return Optional.of("is not where the directory says");
        }
        return dataStart(local) > end.directoryStart() - entry.packedBytes()
                ? Optional.of("does not lie before the directory")
                : Optional.empty();
    }

    private long dataStart(long local) throws IOException {
        return local + ArchiveEntry.LOCAL_HEADER_BYTES + bytes.u16(local + 26) + bytes.u16(local + 28);
    }

    private Verdict artifacts(ArchiveEnd end) throws IOException {
        if (artifacts.isEmpty()) {
            return invalid("it has no " + ARTIFACTS);
        }
        var entry = artifacts.get();
        if (entry.packedBytes() > MAX_ARTIFACTS_BYTES) {
            return new Verdict.NotChecked("its " + ARTIFACTS + " is larger than " + MAX_ARTIFACTS_BYTES + " bytes");
        }
        var packed = bytes.bytes(dataStart(entry.local() + end.base()), (int) entry.packedBytes());
        var unpacked = entry.method() == STORED ? Optional.of(packed) : inflate(packed);
        if (unpacked.isEmpty()) {
            return invalid("its " + ARTIFACTS + " can't be unpacked");
        }
        if (unpacked.get().length > MAX_ARTIFACTS_BYTES) {
            return new Verdict.NotChecked("its " + ARTIFACTS + " is larger than " + MAX_ARTIFACTS_BYTES + " bytes");
        }
        var crc = new CRC32();
        crc.update(unpacked.get());
        if (crc.getValue() != entry.crc()) {
            return invalid("its " + ARTIFACTS + " is damaged");
        }
        return XmlCheck.check(Content.of(unpacked.get())) instanceof Verdict.Invalid invalid
                ? invalid("its " + ARTIFACTS + " is not well-formed: " + invalid.detail())
                : new Verdict.Valid();
    }

    /** At most one byte more than the limit; empty when the bytes are no deflated stream that comes to its end. */
    private static Optional<byte[]> inflate(byte[] packed) {
        var inflater = new Inflater(true);
        try {
            // One more byte is asked for by the library where there is no header (Inflater(boolean)).
            var input = new byte[packed.length + 1];
            System.arraycopy(packed, 0, input, 0, packed.length);
            inflater.setInput(input);
            var out = new ByteArrayOutputStream();
            var buffer = new byte[8192];
            while (!inflater.finished() && out.size() <= MAX_ARTIFACTS_BYTES) {
                int got = inflater.inflate(buffer);
                if (got == 0 && !inflater.finished()) {
                    return Optional.empty();
                }
                out.write(buffer, 0, Math.min(got, MAX_ARTIFACTS_BYTES + 1 - out.size()));
            }
            return Optional.of(out.toByteArray());
        } catch (DataFormatException e) {
            return Optional.empty();
        } finally {
            inflater.end();
        }
    }

    private static Verdict invalid(String detail) {
        return new Verdict.Invalid(Why.INVALID_ARCHIVE, detail);
    }
}
