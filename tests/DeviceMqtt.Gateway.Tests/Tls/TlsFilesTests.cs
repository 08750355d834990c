using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Gateway.Certificates;
using DeviceMqtt.Gateway.Tls;

namespace DeviceMqtt.Gateway.Tests.Tls;

/// <summary>Files of section Tls that change: no change is lost, whenever it comes.</summary>
[TestClass]
internal sealed class TlsFilesTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("devicemqtt-files").FullName;
    private readonly RecordingLog _log = new();
    private readonly CertificateFolder _folder;
    private readonly X509Certificate2 _stolen;
    private readonly string _crl;
    private readonly TlsOptions _options;
    private readonly TlsFiles _files;

    public TlsFilesTests()
    {
        _folder = new CertificateFolder(_data);
        _folder.Create(["localhost"], [], TimeProvider.System.GetUtcNow());
        _stolen = X509Certificate2.CreateFromPem(_folder.CreateClient("kitchen", TimeProvider.System.GetUtcNow()).Certificate);
        _crl = Path.Combine(_data, "crl.pem");
        File.WriteAllText(_crl, RevokedCertificatesTests.CrlOf(_folder));
        _options = new TlsOptions { ClientCertificates = ClientCertificates.Accepted, CrlFile = _crl };
        _files = new TlsFiles(_options, _data, _log);
    }

    private int Complaints => _log.Lines.Count(static line => line.Contains("what was read before is used on", StringComparison.Ordinal));

    public void Dispose()
    {
        _stolen.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    [TestMethod]
    public void List_WrittenBetweenPrepareAndUse_ReadWithTheNextLook()
    {
        TlsState prepared = _files.Prepare(_options);
        File.WriteAllText(_crl, RevokedCertificatesTests.CrlOf(_folder, _stolen));

        _files.Use(_options, prepared);

        Assert.IsTrue(_files.Look());
        Assert.IsTrue(_files.Current.Revoked.Contains(_stolen));
        Assert.IsFalse(_files.Look(), "nothing is new");
    }

    /// <summary>As with a file whose mode was wrong: put right, it has the same time and length as before.</summary>
    [TestMethod]
    public void List_ThatCouldNotBeReadAndHasTheSameTimeAndLengthAfterwards_Read()
    {
        string good = RevokedCertificatesTests.CrlOf(_folder, _stolen);
        File.WriteAllText(_crl, new string('x', good.Length));
        DateTime written = File.GetLastWriteTimeUtc(_crl);
        Assert.IsFalse(_files.Look());
        Assert.IsFalse(_files.Look());
        Assert.AreEqual(1, Complaints, "said once");

        File.WriteAllText(_crl, good);
        File.SetLastWriteTimeUtc(_crl, written);

        Assert.IsTrue(_files.Look());
        Assert.IsTrue(_files.Current.Revoked.Contains(_stolen));
    }

    /// <summary>As <c>cp -p</c> and <c>rsync -t</c> bring it.</summary>
    [TestMethod]
    public void List_OfTheSameTimeAndLength_Read()
    {
        string next = RevokedCertificatesTests.CrlOf(_folder, _stolen);
        string before = RevokedCertificatesTests.CrlOf(_folder).PadRight(next.Length, '\n');
        File.WriteAllText(_crl, before);
        DateTime written = File.GetLastWriteTimeUtc(_crl);
        Assert.IsTrue(_files.Look());
        Assert.AreEqual(before.Length, next.Length);

        File.WriteAllText(_crl, next);
        File.SetLastWriteTimeUtc(_crl, written);

        Assert.IsTrue(_files.Look());
        Assert.IsTrue(_files.Current.Revoked.Contains(_stolen));
    }

    [TestMethod]
    public void List_ThatStaysUnreadable_SaidAgainNowAndThen()
    {
        File.WriteAllText(_crl, "nonsense");
        for (int look = 0; look < 2 * TlsFiles.QuietLooks; look++)
            Assert.IsFalse(_files.Look());
        Assert.AreEqual(2, Complaints);
    }
}
