using System.Device.I2c;

namespace DeviceMqtt.Firmware.Tests.Esp32;

/// <summary>A BME280 on the bus of the stand-ins, with the calibration and the readings of the data sheet's example: 25.08 degrees, 100653 Pa.</summary>
internal sealed class PluggedBme280 : IDisposable
{
    private readonly byte[] _registers = new byte[256];

    private readonly int _address;

    internal PluggedBme280(int address = Bme280.Address)
    {
        _address = address;
        int[] calibration = [27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000];
        for (int i = 0; i < calibration.Length; i++)
        {
            _registers[0x88 + (2 * i)] = (byte)calibration[i];
            _registers[0x89 + (2 * i)] = (byte)(calibration[i] >> 8);
        }

        Put(0xD0, 0x60);
        Put(0xA1, 75);
        Put(0xE1, 362 & 0xFF, 362 >> 8, 0, 0x13, 0x28, 0x03, 30);
        Put(0xF7, 415148 >> 12, (415148 >> 4) & 0xFF, (415148 & 0x0F) << 4);
        Put(0xFA, 519888 >> 12, (519888 >> 4) & 0xFF, (519888 & 0x0F) << 4);
        Put(0xFD, 0x70, 0x00);
        I2cDevice.Parts = Transfer;
    }

    public void Dispose() => I2cDevice.Parts = null;

    private I2cTransferStatus Transfer(int address, byte[] written, byte[] read)
    {
        if (address != _address)
        {
            return I2cTransferStatus.SlaveAddressNotAcknowledged;
        }

        Array.Copy(_registers, written[0], read, 0, read.Length);
        return I2cTransferStatus.FullTransfer;
    }

    private void Put(int address, params int[] bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            _registers[address + i] = (byte)bytes[i];
        }
    }
}
