using System;
using System.Security.Cryptography.X509Certificates;
using nanoFramework.M2Mqtt;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>
    /// Makes the client for one connection: network first, then the time (without which no certificate is valid), then the client, whose
    /// constructor resolves the gateway's name. All of it blocks, in the background.
    /// </summary>
    internal sealed class BoardClients : IMqttClientFactory
    {
        private const int TimeMs = 20_000;

        // A chain of three certificates in PEM has about 6 KB.
        private const int CertificateBytesMax = 8192;

        // An attempt that was given up may still be in here when the next one comes: the network's helpers are not made for two at a time.
        private readonly object _gate = new object();
        private readonly BoardSettings _settings;
        private readonly IFlashFiles _files;
        private readonly WifiLink _wifi;
        private readonly BoardClock _clock;

        internal BoardClients(BoardSettings settings, IFlashFiles files, WifiLink wifi, BoardClock clock)
        {
            _settings = settings;
            _files = files;
            _wifi = wifi;
            _clock = clock;
        }

        /// <inheritdoc/>
        public IMqttClient Create()
        {
            lock (_gate)
            {
                return Make();
            }
        }

        private MqttClient Make()
        {
            _wifi.Ensure();
            _clock.Start();
            MqttClient client = _settings.IsTls
                ? new MqttClient(_settings.Host, _settings.Port, true, LoadCertificate(), null, MqttSslProtocols.TLSv1_2)
                : new MqttClient(_settings.Host, _settings.Port, false, null, null, MqttSslProtocols.None);
            client.Settings.InflightQueueSize = DeviceLimits.InflightQueueSize;
            client.Settings.ValidateServerCertificate = true;
            return client;
        }

        private X509Certificate LoadCertificate()
        {
            if (!_clock.Wait(TimeMs))
            {
                throw new InvalidOperationException("no time");
            }

            byte[]? pem = _files.Read(FlashFileName.CaCertificate, CertificateBytesMax);
            if (pem == null)
            {
                throw new InvalidOperationException(FlashFileName.CaCertificate);
            }

            // The runtime's parser (mbedTLS) wants text to end with a zero.
            byte[] terminated = new byte[pem.Length + 1];
            Array.Copy(pem, 0, terminated, 0, pem.Length);
            return new X509Certificate(terminated);
        }
    }
}
