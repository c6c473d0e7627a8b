package io.lockstep.agent.tls;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.IPAddress;
import org.bouncycastle.util.io.pem.PemObject;

/**
 * A private authority that issues the certificates of one cluster's nodes. Keys are EC P-256. Its own certificate is
 * valid for ten years, a node's for two (never longer than the authority's).
 *
 * <p>It writes PEM files. A private key's file is made with mode 0600 before its content is written; no file is ever
 * overwritten. Who holds {@code ca-key.pem} can admit nodes, so it belongs off the Gateway hosts.
 */
public final class CertificateAuthority {
    /** The name of the authority's certificate in its directory and in each node's. */
    public static final String CERTIFICATE_FILE = "ca.pem";

    /** The name of the authority's private key in its directory. */
    public static final String KEY_FILE = "ca-key.pem";

    private static final Duration AUTHORITY_LIFETIME = Duration.ofDays(3653);
    private static final Duration NODE_LIFETIME = Duration.ofDays(730);

    /** Certificates are valid from a little before they were made, for hosts whose clock is behind. */
    private static final Duration CLOCK_ALLOWANCE = Duration.ofHours(1);

    /** A DNS name (RFC 1123), as the JDK demands of a certificate's DNS names; a common name has at most 64 characters. */
    private static final Pattern NAME = Pattern.compile(
            "(?=.{1,64}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*");

    private final X509Certificate certificate;
    private final PrivateKey key;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    private CertificateAuthority(X509Certificate certificate, PrivateKey key, InstantSource clock) {
        this.certificate = certificate;
        this.key = key;
        this.clock = clock;
    }

    /**
     * Makes a new authority and writes {@value #CERTIFICATE_FILE} and {@value #KEY_FILE} into {@code directory}, which
     * exists.
     *
     * @param cluster the cluster's name, part of the authority's; a DNS name of at most 64 characters
     * @throws FileAlreadyExistsException when one of the files is there already; nothing was written
     */
    public static CertificateAuthority create(Path directory, String cluster, InstantSource clock) throws IOException {
        requireName(cluster);
        Path certificateFile = directory.resolve(CERTIFICATE_FILE);
        Path keyFile = directory.resolve(KEY_FILE);
        requireAbsent(certificateFile, keyFile);
        SecureRandom random = new SecureRandom();
        Instant now = clock.instant();
        X500Principal name = new X500Principal("CN=Lockstep " + cluster + ",OU=authority");
        try {
            KeyPair pair = newKeyPair(random);
            JcaX509ExtensionUtils utils = new JcaX509ExtensionUtils();
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    newSerial(random),
                    Date.from(now.minus(CLOCK_ALLOWANCE)),
                    Date.from(now.plus(AUTHORITY_LIFETIME)),
                    name,
                    pair.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, utils.createSubjectKeyIdentifier(pair.getPublic()));
            X509Certificate certificate = sign(builder, pair.getPrivate());
            writeNew(keyFile, pem("PRIVATE KEY", pair.getPrivate().getEncoded()), "rw-------");
            writeNew(certificateFile, pem("CERTIFICATE", certificate.getEncoded()), "rw-r--r--");
            return new CertificateAuthority(certificate, pair.getPrivate(), clock);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("this Java runtime can't make EC P-256 certificates", e);
        }
    }

    /**
     * Opens the authority that {@link #create} wrote into {@code directory}.
     *
     * @throws TlsFileException when a file is missing or malformed
     */
    public static CertificateAuthority open(Path directory, InstantSource clock) throws TlsFileException {
        X509Certificate certificate =
                PemFile.certificates(directory.resolve(CERTIFICATE_FILE)).get(0);
        return new CertificateAuthority(certificate, PemFile.privateKey(directory.resolve(KEY_FILE)), clock);
    }

    /**
     * Issues a certificate and writes {@code NODE.pem} and {@code NODE-key.pem} into {@code directory}, which exists, and
     * {@value #CERTIFICATE_FILE} when it is not there yet.
     *
     * @param node the node's name: a DNS name of at most 64 characters; the certificate's common name
     * @param addresses more DNS names, or IP addresses, under which peers reach the node
     * @throws IllegalArgumentException when the node's name or an address is none
     * @throws FileAlreadyExistsException when the node's files, or another authority's certificate, are there already;
     *     nothing was written
     */
    public TlsFiles issue(Path directory, String node, Collection<String> addresses) throws IOException {
        requireName(node);
        GeneralNames alternatives = alternatives(node, addresses);
        Path authorityFile = directory.resolve(CERTIFICATE_FILE);
        Path certificateFile = directory.resolve(node + ".pem");
        Path keyFile = directory.resolve(node + "-key.pem");
        requireAbsent(certificateFile, keyFile);
        boolean authorityThere = Files.exists(authorityFile, LinkOption.NOFOLLOW_LINKS);
        if (authorityThere && !PemFile.certificates(authorityFile).contains(certificate)) {
            throw new FileAlreadyExistsException(authorityFile.toString(), null, "is another authority's certificate");
        }
        try {
            KeyPair pair = newKeyPair(random);
            X509Certificate issued = sign(nodeCertificate(node, alternatives, pair), key);
            writeNew(keyFile, pem("PRIVATE KEY", pair.getPrivate().getEncoded()), "rw-------");
            writeNew(certificateFile, pem("CERTIFICATE", issued.getEncoded()), "rw-r--r--");
            if (!authorityThere) {
                writeNew(authorityFile, pem("CERTIFICATE", certificate.getEncoded()), "rw-r--r--");
            }
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("this Java runtime can't make EC P-256 certificates", e);
        }
        return new TlsFiles(authorityFile, certificateFile, keyFile);
    }

    private JcaX509v3CertificateBuilder nodeCertificate(String node, GeneralNames alternatives, KeyPair pair)
            throws IOException, GeneralSecurityException {
        Instant now = clock.instant();
        Instant authorityEnd = certificate.getNotAfter().toInstant();
        Instant end = now.plus(NODE_LIFETIME);
        JcaX509ExtensionUtils utils = new JcaX509ExtensionUtils();
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                certificate,
                newSerial(random),
                Date.from(now.minus(CLOCK_ALLOWANCE)),
                Date.from(end.isBefore(authorityEnd) ? end : authorityEnd),
                new X500Principal("CN=" + node),
                pair.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
            KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
        }));
        builder.addExtension(Extension.subjectAlternativeName, false, alternatives);
        builder.addExtension(Extension.authorityKeyIdentifier, false, utils.createAuthorityKeyIdentifier(certificate));
        builder.addExtension(Extension.subjectKeyIdentifier, false, utils.createSubjectKeyIdentifier(pair.getPublic()));
        return builder;
    }

    private static GeneralNames alternatives(String node, Collection<String> addresses) {
        Set<String> names = new LinkedHashSet<>(addresses);
        names.add(node);
        List<GeneralName> alternatives = new ArrayList<>();
        for (String name : names) {
            if (IPAddress.isValid(name)) {
                alternatives.add(new GeneralName(GeneralName.iPAddress, name));
            } else {
                requireName(name);
                alternatives.add(new GeneralName(GeneralName.dNSName, name));
            }
        }
        return new GeneralNames(alternatives.toArray(new GeneralName[0]));
    }

    private static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" is not a DNS name; use letters, digits, - and . only, at most 64 characters");
        }
    }

    private static void requireAbsent(Path... files) throws FileAlreadyExistsException {
        for (Path file : files) {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(
                        file.toString(), null, "certificates are never overwritten; move it away to issue it anew");
            }
        }
    }

    private static KeyPair newKeyPair(SecureRandom random) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        return generator.generateKeyPair();
    }

    private static BigInteger newSerial(SecureRandom random) {
        // RFC 5280, section 4.1.2.2 wants a positive number of at most 20 octets.
        return new BigInteger(126, random).setBit(126);
    }

    private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey signer)
            throws OperatorCreationException, GeneralSecurityException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer)));
    }

    private static String pem(String type, byte[] content) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(new PemObject(type, content));
        }
        return text.toString();
    }

    private static void writeNew(Path file, String content, String mode) throws IOException {
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(
                file, options, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)))) {
            ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }
}
