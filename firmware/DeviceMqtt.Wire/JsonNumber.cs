namespace DeviceMqtt.Wire
{
    /// <summary>Numbers between text and value, without a string in between.</summary>
    internal static class JsonNumber
    {
        // A double holds 15 decimal digits exactly, and powers of ten exactly up to 10^22 (IEEE 754 binary64).
        private const int MantissaDigitsMax = 18;
        private const int ExponentMax = 400;

        // The largest double is 1.8e308. What has more digits in front of the point is refused, so nothing here can overflow.
        private const int MagnitudeMax = 308;

        /// <summary>A whole number without fraction or exponent that fits into 64 bits.</summary>
        internal static bool TryParseInt64(byte[] buffer, int offset, int count, out long value)
        {
            value = 0;
            bool negative = buffer[offset] == '-';
            int end = offset + count;
            for (int i = negative ? offset + 1 : offset; i < end; i++)
            {
                int digit = buffer[i] - '0';
                // Counted downwards, because the smallest long has no positive counterpart.
                if (digit < 0 || digit > 9 || value < (long.MinValue + digit) / 10)
                {
                    value = 0;
                    return false;
                }

                value = (value * 10) - digit;
            }

            if (!negative && value == long.MinValue)
            {
                value = 0;
                return false;
            }

            value = negative ? value : -value;
            return true;
        }

        /// <summary>Any valid number whose magnitude a double can hold. Exact up to 15 digits and exponents up to 22, else to about 1e-15.</summary>
        internal static bool TryParseDouble(byte[] buffer, int offset, int count, out double value)
        {
            int end = offset + count;
            int i = buffer[offset] == '-' ? offset + 1 : offset;
            long mantissa = 0;
            int digits = 0;
            int exponent = 0;
            bool fraction = false;
            for (; i < end && buffer[i] != 'e' && buffer[i] != 'E'; i++)
            {
                if (buffer[i] == '.')
                {
                    fraction = true;
                    continue;
                }

                if (digits < MantissaDigitsMax)
                {
                    mantissa = (mantissa * 10) + (buffer[i] - '0');
                    digits = mantissa == 0 ? 0 : digits + 1;
                    exponent -= fraction ? 1 : 0;
                }
                else
                {
                    exponent += fraction ? 0 : 1;
                }
            }

            if (i < end)
            {
                exponent += ParseExponent(buffer, i + 1, end);
            }

            int magnitude = digits + exponent;
            if (mantissa != 0 && magnitude > MagnitudeMax)
            {
                value = 0;
                return false;
            }

            value = mantissa == 0 || magnitude < -MagnitudeMax ? 0 : Scale(mantissa, exponent);
            if (buffer[offset] == '-')
            {
                value = -value;
            }

            return true;
        }

        private static int ParseExponent(byte[] buffer, int index, int end)
        {
            bool negative = buffer[index] == '-';
            if (negative || buffer[index] == '+')
            {
                index++;
            }

            int exponent = 0;
            for (; index < end; index++)
            {
                // Bounded before it can overflow. 1 KB of digits cannot outweigh it: such a number is not one of ours.
                exponent = exponent > ExponentMax ? exponent : (exponent * 10) + (buffer[index] - '0');
            }

            return negative ? -exponent : exponent;
        }

        private static double Scale(double value, int exponent)
        {
            // Collected up to 10^22, which is exact, so that short numbers are rounded once.
            double power = 1;
            for (int left = exponent < 0 ? -exponent : exponent; left > 0; left--)
            {
                power *= 10;
                if (power >= 1e22 || left == 1)
                {
                    value = exponent < 0 ? value / power : value * power;
                    power = 1;
                }
            }

            return value;
        }
    }
}
