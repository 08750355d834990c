namespace DeviceMqtt.Device
{
    /// <summary>
    /// The numbers that Bosch measured for one BME280 and stored in it, and what makes values of its raw readings with them (data sheet
    /// BST-BME280-DS002, sections 4.2.2 and 8.1, in double precision).
    /// </summary>
    public sealed class Bme280Calibration
    {
        /// <summary>First register of the first block.</summary>
        public const byte FirstBlock = 0x88;

        /// <summary>Bytes of the first block: temperature, pressure, and the first number of humidity.</summary>
        public const int FirstBlockBytes = 26;

        /// <summary>First register of the second block.</summary>
        public const byte SecondBlock = 0xE1;

        /// <summary>Bytes of the second block: the other numbers of humidity.</summary>
        public const int SecondBlockBytes = 7;

        private readonly double[] _t = new double[3];
        private readonly double[] _p = new double[9];
        private readonly double[] _h = new double[6];
        private double _fine;

        /// <summary>
        /// Takes the numbers out of the two blocks. False if no part has such numbers: without its factor of temperature, pressure or humidity it would
        /// measure nothing, and all ones are an empty memory or a bus that nobody drives.
        /// </summary>
        public bool TryLoad(byte[] first, byte[] second)
        {
            // The first number of temperature and of pressure has no sign, the others have one.
            _t[0] = Unsigned(first, 0);
            _t[1] = Signed(first, 2);
            _t[2] = Signed(first, 4);
            _p[0] = Unsigned(first, 6);
            for (int i = 1; i < _p.Length; i++)
            {
                _p[i] = Signed(first, 6 + (2 * i));
            }

            _h[0] = first[25];
            _h[1] = Signed(second, 0);
            _h[2] = second[2];
            // Two numbers of 12 bits share the byte in the middle.
            _h[3] = ((sbyte)second[3] * 16) | (second[4] & 0x0F);
            _h[4] = ((sbyte)second[5] * 16) | (second[4] >> 4);
            _h[5] = (sbyte)second[6];
            bool isEmpty = _t[0] == 0 || _t[1] == 0 || _p[0] == 0 || _h[1] == 0;
            bool isErased = _t[0] == ushort.MaxValue && _t[1] == -1 && _p[0] == ushort.MaxValue;
            return !isEmpty && !isErased;
        }

        /// <summary>Degrees Celsius. First of the three: the others need how warm the part is.</summary>
        /// <param name="raw">Reading of 20 bits.</param>
        public double Temperature(int raw)
        {
            double offset = (raw / 16384.0) - (_t[0] / 1024.0);
            double half = (raw / 131072.0) - (_t[0] / 8192.0);
            _fine = (offset * _t[1]) + (half * half * _t[2]);
            return _fine / 5120.0;
        }

        /// <summary>Pascals; 0 if the numbers of the part are not those of a BME280.</summary>
        /// <param name="raw">Reading of 20 bits.</param>
        public double Pressure(int raw)
        {
            double a = (_fine / 2.0) - 64000.0;
            double b = a * a * _p[5] / 32768.0;
            b += a * _p[4] * 2.0;
            b = (b / 4.0) + (_p[3] * 65536.0);
            a = ((_p[2] * a * a / 524288.0) + (_p[1] * a)) / 524288.0;
            a = (1.0 + (a / 32768.0)) * _p[0];
            if (a == 0)
            {
                return 0;
            }

            double pressure = (1048576.0 - raw - (b / 4096.0)) * 6250.0 / a;
            a = _p[8] * pressure * pressure / 2147483648.0;
            b = pressure * _p[7] / 32768.0;
            return pressure + ((a + b + _p[6]) / 16.0);
        }

        /// <summary>Percent of relative humidity, 0 to 100.</summary>
        /// <param name="raw">Reading of 16 bits.</param>
        public double Humidity(int raw)
        {
            double warm = _fine - 76800.0;
            double shifted = raw - ((_h[3] * 64.0) + (_h[4] / 16384.0 * warm));
            double scale = _h[1] / 65536.0 * (1.0 + (_h[5] / 67108864.0 * warm * (1.0 + (_h[2] / 67108864.0 * warm))));
            double humidity = shifted * scale;
            humidity *= 1.0 - (_h[0] * humidity / 524288.0);
            return humidity < 0 ? 0 : humidity > 100 ? 100 : humidity;
        }

        private static int Unsigned(byte[] block, int at)
        {
            return block[at] | (block[at + 1] << 8);
        }

        private static int Signed(byte[] block, int at)
        {
            return (short)Unsigned(block, at);
        }
    }
}
