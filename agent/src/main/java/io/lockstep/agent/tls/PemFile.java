package io.lockstep.agent.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/** Reads certificates and private keys from PEM files (RFC 7468), and says which file is at fault when it can't. */
final class PemFile {
    private static final int LIMIT_BYTES = 1 << 20;

    private PemFile() {}

    /** The certificates in {@code file}, in its order; at least one. */
    static List<X509Certificate> certificates(Path file) throws TlsFileException {
        List<X509Certificate> certificates = new ArrayList<>();
        JcaX509CertificateConverter converter = new JcaX509CertificateConverter();
        for (Object found : objects(file)) {
            if (found instanceof X509CertificateHolder holder) {
                try {
                    certificates.add(converter.getCertificate(holder));
                } catch (CertificateException e) {
                    throw new TlsFileException(file, "holds a malformed certificate", "issue it again", e);
                }
            }
        }
        if (certificates.isEmpty()) {
            throw new TlsFileException(
                    file, "holds no certificate", "name a PEM file with a BEGIN CERTIFICATE block here");
        }
        return List.copyOf(certificates);
    }

    /** The private key in {@code file}, which nobody but its owner and group may read. */
    static PrivateKey privateKey(Path file) throws TlsFileException {
        List<Object> objects = objects(file);
        refuseWorldReadable(file);
        JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
        for (Object found : objects) {
            try {
                if (found instanceof PrivateKeyInfo info) {
                    return converter.getPrivateKey(info);
                }
                if (found instanceof PEMKeyPair pair) {
                    return converter.getPrivateKey(pair.getPrivateKeyInfo());
                }
            } catch (IOException e) {
                throw new TlsFileException(file, "holds a malformed private key", "issue it again", e);
            }
            if (found instanceof PKCS8EncryptedPrivateKeyInfo || found instanceof PEMEncryptedKeyPair) {
                throw new TlsFileException(
                        file,
                        "holds an encrypted private key",
                        "decrypt it with openssl pkcs8 -topk8 -nocrypt, mode 0600");
            }
        }
        throw new TlsFileException(file, "holds no private key", "name a PEM file with a BEGIN PRIVATE KEY block here");
    }

    private static void refuseWorldReadable(Path file) throws TlsFileException {
        try {
            PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
            if (view != null && view.readAttributes().permissions().contains(PosixFilePermission.OTHERS_READ)) {
                throw new TlsFileException(file, "is a private key that everybody may read", "chmod 600 it");
            }
        } catch (TlsFileException e) {
            throw e;
        } catch (IOException e) {
            throw new TlsFileException(file, "its permissions can't be read", "check its directory's permissions", e);
        }
    }

    private static List<Object> objects(Path file) throws TlsFileException {
        byte[] content = content(file);
        List<Object> objects = new ArrayList<>();
        try (Reader reader = new InputStreamReader(new ByteArrayInputStream(content), StandardCharsets.US_ASCII);
                PEMParser parser = new PEMParser(reader)) {
            for (Object found = parser.readObject(); found != null; found = parser.readObject()) {
                objects.add(found);
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new TlsFileException(file, "is not well-formed PEM", "issue it again or restore it", e);
        }
        return objects;
    }

    private static byte[] content(Path file) throws TlsFileException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(LIMIT_BYTES + 1);
            if (content.length > LIMIT_BYTES) {
                throw new TlsFileException(file, "is larger than 1 MiB", "name a PEM file here");
            }
            return content;
        } catch (TlsFileException e) {
            throw e;
        } catch (NoSuchFileException e) {
            throw new TlsFileException(file, "does not exist", "make it with lockstep setup, or correct the path", e);
        } catch (AccessDeniedException e) {
            throw new TlsFileException(file, "may not be read", "give the agent's user read permission", e);
        } catch (IOException e) {
            throw new TlsFileException(
                    file, "can't be read (" + e.getMessage() + ")", "check the disk and the path", e);
        }
    }
}
